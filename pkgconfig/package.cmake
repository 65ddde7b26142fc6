# A Debian package of what `cmake --install` installs:
#     cmake --preset package && cmake --build --preset package --target package
# libtorch 2.10 or newer is in no Debian release yet: the user brings it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libexpclip)
set(CPACK_PACKAGE_VENDOR libexpclip)
set(CPACK_PACKAGE_CONTACT "libexpclip developers <libexpclip@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "zero-shot facial expression recognition with CLIP and Exp-CLIP")
set(CPACK_PACKAGE_DESCRIPTION
    "The C library, its header, and the program expclip. It needs libtorch 2.10
or newer, for example of `pip install torch`, in the folder that EXPCLIP_TORCH
names.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS python3-pip)
include(CPack)
