# Copy FILES to FOLDER under their sonames, with a list: sha256, two spaces,
# name, in the order of loading. NativeLoader.java reads it.
set(list "")
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
foreach(file IN LISTS FILES)
  execute_process(COMMAND objdump -p ${file} OUTPUT_VARIABLE headers
                  COMMAND_ERROR_IS_FATAL ANY)
  get_filename_component(name ${file} NAME)
  if(headers MATCHES "SONAME +([^ \n]+)")
    set(name ${CMAKE_MATCH_1})
  endif()
  file(REAL_PATH ${file} real)
  file(COPY_FILE ${real} ${FOLDER}/${name})
  file(SHA256 ${FOLDER}/${name} sum)
  string(APPEND list "${sum}  ${name}\n")
endforeach()
file(WRITE ${FOLDER}/manifest "${list}")
