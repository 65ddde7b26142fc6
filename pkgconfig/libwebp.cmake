# libwebp: sets EXPCLIP_WEBP_LIBRARIES, empty where there is none. Its archives
# become part of our library where they fit, for the reasons of libjpeg.cmake.
include(CheckCSourceCompiles)
include(CMakePushCheckState)

set(EXPCLIP_WEBP_LIBRARIES "")
pkg_check_modules(webp IMPORTED_TARGET libwebpdemux libwebp)
if(NOT webp_FOUND)
  return()
endif()
find_library(EXPCLIP_WEBPDEMUX_ARCHIVE libwebpdemux.a
             HINTS ${webp_libwebpdemux_LIBDIR})
find_library(EXPCLIP_WEBP_ARCHIVE libwebp.a HINTS ${webp_libwebp_LIBDIR})
# A part of libwebp since 1.3.
find_library(EXPCLIP_SHARPYUV_ARCHIVE libsharpyuv.a
             HINTS ${webp_libwebp_LIBDIR})
mark_as_advanced(EXPCLIP_WEBPDEMUX_ARCHIVE EXPCLIP_WEBP_ARCHIVE
                 EXPCLIP_SHARPYUV_ARCHIVE)
set(EXPCLIP_WEBP_LIBRARIES PkgConfig::webp)
if(EXPCLIP_WEBPDEMUX_ARCHIVE AND EXPCLIP_WEBP_ARCHIVE)
  set(archives ${EXPCLIP_WEBPDEMUX_ARCHIVE} ${EXPCLIP_WEBP_ARCHIVE})
  if(EXPCLIP_SHARPYUV_ARCHIVE)
    list(APPEND archives ${EXPCLIP_SHARPYUV_ARCHIVE})
  endif()
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_FLAGS -fPIC)
  set(CMAKE_REQUIRED_INCLUDES ${webp_INCLUDE_DIRS})
  set(CMAKE_REQUIRED_LINK_OPTIONS -shared -Wl,-z,text,-z,defs
      -Wl,--exclude-libs,ALL)
  set(CMAKE_REQUIRED_LIBRARIES ${archives} m pthread)
  check_c_source_compiles("
    #include <webp/decode.h>
    #include <webp/demux.h>
    int main(void)
    {
        WebPData data = { 0 };
        WebPDemuxDelete(WebPDemux(&data));
        return (int)WebPDecode(0, 0, 0);
    }" EXPCLIP_WEBP_ARCHIVES_ARE_SHAREABLE)
  cmake_pop_check_state()
  if(EXPCLIP_WEBP_ARCHIVES_ARE_SHAREABLE)
    set(EXPCLIP_WEBP_LIBRARIES ${archives})
  endif()
endif()
