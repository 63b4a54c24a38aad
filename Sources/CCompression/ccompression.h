// The compression libraries of the system: zlib, libzstd, libbz2 and liblzma.
#ifndef CCOMPRESSION_H
#define CCOMPRESSION_H

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#endif
