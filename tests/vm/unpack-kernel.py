# SPDX-License-Identifier: GPL-2.0-only
"""The ELF file in an x86 kernel's image: unpack-kernel.py VMLINUZ OUT

Fails if it isn't packed by xz, or QEMU can't start it by itself (PVH). The fields are
those of Documentation/arch/x86/boot.rst in the kernel's source."""
import lzma
import struct
import sys

XEN_ELFNOTE_PHYS32_ENTRY = 18


def payload(image):
    if image[0x202:0x206] != b"HdrS":
        sys.exit(f"{sys.argv[1]}: not the image of an x86 kernel")
    sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    begin = (sectors + 1) * 512 + offset
    return image[begin:begin + length]


def starts_by_itself(kernel):
    return any(struct.pack("<III4s", 4, size, XEN_ELFNOTE_PHYS32_ENTRY, b"Xen") in kernel
               for size in (4, 8))


def main():
    with open(sys.argv[1], "rb") as file:
        packed = payload(file.read())
    try:
        # What follows the end of it is its size, for who unpacks it in place.
        kernel = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(packed)
    except lzma.LZMAError as error:
        sys.exit(f"{sys.argv[1]}: not packed by xz: {error}")
    if not starts_by_itself(kernel):
        sys.exit(f"{sys.argv[1]}: QEMU can't start what is in it")
    with open(sys.argv[2], "wb") as file:
        file.write(kernel)


if __name__ == "__main__":
    main()
