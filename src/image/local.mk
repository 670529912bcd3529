# image: the engine; it knows no names and opens nothing
noinst_LIBRARIES += libimage.a
libimage_a_SOURCES = \
	src/image/bad.c src/image/bad.h \
	src/image/bare.c src/image/bare.h \
	src/image/codec.c src/image/codec.h \
	src/image/codec_jpeg.c src/image/codec_jpeg.h \
	src/image/codec_jpeg_copy.c \
	src/image/codec_jpeg_markers.c \
	src/image/codec_jpeg_out.c \
	src/image/codec_jpeg_read.c \
	src/image/codec_jpeg_tables.c src/image/codec_jpeg_tables.h \
	src/image/codec_jpeg_scans.c src/image/codec_jpeg_scans.h \
	src/image/codec_jpeg_write.c \
	src/image/codec_png.c src/image/codec_png.h \
	src/image/codec_png_copy.c \
	src/image/codec_png_meta.c \
	src/image/codec_png_out.c \
	src/image/codec_png_pace.c src/image/codec_png_pace.h \
	src/image/codec_png_palette.c \
	src/image/codec_png_read.c \
	src/image/codec_png_write.c \
	src/image/color.c src/image/color.h \
	src/image/cook.c src/image/cook.h \
	src/image/copy.c src/image/copy.h \
	src/image/develop.c src/image/develop.h \
	src/image/exif.c src/image/exif.h \
	src/image/finish.c src/image/finish.h \
	src/image/graph.c src/image/graph.h \
	src/image/halve.c src/image/halve.h \
	src/image/image.c src/image/image.h \
	src/image/intake.c src/image/intake.h \
	src/image/layout.c src/image/layout.h \
	src/image/light.c src/image/light.h \
	src/image/limits.h \
	src/image/lossless.c src/image/lossless.h \
	src/image/mark.c src/image/mark.h \
	src/image/meta.c src/image/meta.h \
	src/image/meter.c src/image/meter.h \
	src/image/news.c src/image/news.h \
	src/image/outcome.c src/image/outcome.h \
	src/image/overlay.c src/image/overlay.h \
	src/image/reduce.c src/image/reduce.h \
	src/image/rendition.c src/image/rendition.h \
	src/image/resample.c src/image/resample.h \
	src/image/sharpen.c src/image/sharpen.h \
	src/image/splice.c src/image/splice.h \
	src/image/walk.c src/image/walk.h \
	src/image/warmup.c \
	src/image/window.c src/image/window.h \
	src/image/xmp.c src/image/xmp.h
