# image: the engine; it knows no names and opens nothing
noinst_LIBRARIES += libimage.a
libimage_a_SOURCES = \
	src/image/reason.c src/image/reason.h \
	src/image/bands.c src/image/bands.h \
	src/image/cicp.c src/image/cicp.h \
	src/image/codec.c src/image/codec.h \
	src/image/color.c src/image/color.h \
	src/image/convert.c src/image/convert.h \
	src/image/copy.c src/image/copy.h \
	src/image/develop.c src/image/develop.h \
	src/image/developer.c src/image/developer.h \
	src/image/encode.c src/image/encode.h \
	src/image/exif.c src/image/exif.h \
	src/image/exif_safe.c src/image/exif_safe.h \
	src/image/formats.c src/image/formats.h \
	src/image/graph.c src/image/graph.h \
	src/image/image.c src/image/image.h \
	src/image/layout.c src/image/layout.h \
	src/image/limits.h \
	src/image/linear.c src/image/linear.h \
	src/image/meta.c src/image/meta.h \
	src/image/metadata.c src/image/metadata.h \
	src/image/news.c src/image/news.h \
	src/image/outcome.c src/image/outcome.h \
	src/image/overlay.c src/image/overlay.h \
	src/image/pace.c src/image/pace.h \
	src/image/picture.c src/image/picture.h \
	src/image/prune.c src/image/prune.h \
	src/image/reduce.c src/image/reduce.h \
	src/image/rendition.c src/image/rendition.h \
	src/image/resample.c src/image/resample.h \
	src/image/sharpen.c src/image/sharpen.h \
	src/image/splice.c src/image/splice.h \
	src/image/subsample.c src/image/subsample.h \
	src/image/walk.c src/image/walk.h \
	src/image/warmup.c \
	src/image/tiff.c src/image/tiff.h \
	src/image/watermark.c src/image/watermark.h \
	src/image/window.c src/image/window.h \
	src/image/xmp.c src/image/xmp.h \
	src/image/jpeg/copy.c \
	src/image/jpeg/jpeg.h \
	src/image/jpeg/lossless.c src/image/jpeg/lossless.h \
	src/image/jpeg/markers.c \
	src/image/jpeg/out.c \
	src/image/jpeg/pieces.c \
	src/image/jpeg/read.c \
	src/image/jpeg/scans.c src/image/jpeg/scans.h \
	src/image/jpeg/source.c \
	src/image/jpeg/tables.c src/image/jpeg/tables.h \
	src/image/jpeg/wall.c \
	src/image/jpeg/whole.c \
	src/image/jpeg/write.c \
	src/image/png/chunks.c \
	src/image/png/copy.c \
	src/image/png/header.c \
	src/image/png/out.c \
	src/image/png/palette.c \
	src/image/png/pieces.c \
	src/image/png/png.h \
	src/image/png/read.c \
	src/image/png/wall.c \
	src/image/png/write.c
