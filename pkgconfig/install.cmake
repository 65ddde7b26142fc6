# Installing: headers, library, program, expclip.pc and a CMake package. All
# of it may be moved afterwards; users need neither C++ nor libtorch to link.
include(CMakePackageConfigHelpers)

install(TARGETS expclip EXPORT expclip
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET expclip_sentencepiece)
  install(TARGETS expclip_sentencepiece
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(TARGETS expclip_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES include/expclip_base.h include/expclip.h
              include/expclip_batcher.h include/expclip_clips.h
              include/expclip_eval.h include/expclip_faces.h
              include/expclip_rows.h include/expclip_tools.h
              include/expclip_train.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE docs/THIRD-PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The man page and the completions, each where its reader looks for it. Debian's
# zsh looks into vendor-completions, which the preset `package` sets.
set(EXPCLIP_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
    "Where zsh finds completions")
set(manual ${PROJECT_BINARY_DIR}/manual)
install(FILES ${manual}/expclip.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual}/expclip.bash RENAME expclip
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${manual}/_expclip DESTINATION ${EXPCLIP_ZSH_DIR})
install(FILES ${manual}/expclip.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/expclip)
install(EXPORT expclip NAMESPACE expclip:: FILE expclip-targets.cmake
        DESTINATION ${package_dir})
configure_package_config_file(
  pkgconfig/expclip-config.cmake.in
  ${PROJECT_BINARY_DIR}/expclip-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/expclip-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/expclip-config.cmake
              ${PROJECT_BINARY_DIR}/expclip-config-version.cmake
        DESTINATION ${package_dir})

# expclip.pc finds its prefix from where it lies.
file(RELATIVE_PATH pc_to_prefix
     /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(pkgconfig/expclip.pc.in ${PROJECT_BINARY_DIR}/expclip.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/expclip.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
