# libjpeg-turbo: sets EXPCLIP_JPEG_LIBRARY, empty where there is none, and
# jpeg_VERSION.
#
# Its archive becomes part of our library, hidden by the version script: a host
# may have another libjpeg with other structs loaded (libjpeg.so.8, that of a
# Python package), whose functions would be called in place of ours; and a
# wheel or a jar needs no file more. Where the archive is missing or not fit for
# a shared library, the shared one is linked.
include(CheckCSourceCompiles)
include(CMakePushCheckState)

set(EXPCLIP_JPEG_LIBRARY "")
pkg_check_modules(jpeg IMPORTED_TARGET libjpeg)
if(NOT jpeg_FOUND)
  return()
endif()
find_library(EXPCLIP_JPEG_ARCHIVE libjpeg.a HINTS ${jpeg_LIBDIR})
mark_as_advanced(EXPCLIP_JPEG_ARCHIVE)

cmake_push_check_state(RESET)
set(CMAKE_REQUIRED_FLAGS -fPIC)
set(CMAKE_REQUIRED_INCLUDES ${jpeg_INCLUDE_DIRS})
check_c_source_compiles("
  #include <stdio.h>
  #include <jpeglib.h>
  int main(void) { return LIBJPEG_TURBO_VERSION_NUMBER == 0; }"
  EXPCLIP_JPEG_IS_TURBO)
if(EXPCLIP_JPEG_ARCHIVE)
  # Debian's is made for executables: hidden, it fits here as well, but for
  # jerror.c, which jpeg_turbo.c does without.
  set(CMAKE_REQUIRED_LINK_OPTIONS -shared -Wl,-z,text,-z,defs
      -Wl,--exclude-libs,ALL)
  set(CMAKE_REQUIRED_LIBRARIES ${EXPCLIP_JPEG_ARCHIVE})
  check_c_source_compiles("
    #include <stdio.h>
    #include <jpeglib.h>
    int main(void)
    {
        struct jpeg_decompress_struct j;
        jpeg_create_decompress(&j);
        jpeg_mem_src(&j, NULL, 0);
        jpeg_read_header(&j, 1);
        jpeg_start_decompress(&j);
        jpeg_read_scanlines(&j, NULL, 0);
        jpeg_finish_decompress(&j);
        jpeg_destroy_decompress(&j);
        return 0;
    }" EXPCLIP_JPEG_ARCHIVE_IS_SHAREABLE)
endif()
cmake_pop_check_state()

if(EXPCLIP_JPEG_IS_TURBO AND EXPCLIP_JPEG_ARCHIVE_IS_SHAREABLE)
  set(EXPCLIP_JPEG_LIBRARY ${EXPCLIP_JPEG_ARCHIVE})
elseif(EXPCLIP_JPEG_IS_TURBO)
  set(EXPCLIP_JPEG_LIBRARY PkgConfig::jpeg)
endif()
