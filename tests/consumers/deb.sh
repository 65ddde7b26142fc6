#!/bin/sh
# SPDX-License-Identifier: MIT
# Look into the Debian package of build/package, and run its program.
#
#     deb.sh TORCH [ROOT]
#
# TORCH is the folder of a libtorch. The package is unpacked to a temporary
# folder; with ROOT, a bare Debian system, it is installed there by apt.
set -eu
torch=$1 root=${2:-}
cd "$(dirname "$0")/../.."
deb=$(ls build/package/*.deb)
depends=$(dpkg-deb -f "$deb" Depends)
case $depends in
*torch*) echo "$deb depends on torch: $depends"; exit 1 ;;
*libjansson4*) ;;
*) echo "$deb: its dependencies are not known: $depends"; exit 1 ;;
esac

if [ -n "$root" ]; then
    cp "$deb" examples/faces/happiness_2.png "$root/tmp/"
    chroot "$root" sh -c 'apt-get update -qq &&
        apt-get install -y -qq /tmp/libexpclip*.deb' >build/deb.log 2>&1 ||
        { tail -n 40 build/deb.log; exit 1; }
    site=$(dirname "$torch")
    mkdir -p "$root/opt/site"
    cp -al "$torch" "$site"/nvidia* "$root/opt/site/"
    chroot "$root" env EXPCLIP_TORCH=/opt/site/torch \
        expclip score --json /tmp/happiness_2.png
    exit
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dpkg-deb -x "$deb" "$folder"
if grep -rqF "$PWD" "$folder"; then
    echo "$deb names a folder of the build:"
    grep -rlF "$PWD" "$folder"
    exit 1
fi
libraries=$(dirname "$(find "$folder/usr/lib" -name libexpclip.so)")
EXPCLIP_TORCH=$torch LD_LIBRARY_PATH=$libraries \
    "$folder/usr/bin/expclip" score --json examples/faces/happiness_2.png
