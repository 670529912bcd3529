#!/usr/bin/env python3
"""kept.py - exiftool, which is not ours, before and after: metadata = keep loses no tag of EXIF, maker notes,
XMP, IPTC and comments, and safe tells no place, owner or serial number. Over the corpus of cameras."""
import glob
import json
import os
import subprocess
import sys
import tempfile

TOP = os.environ.get('srcdir', '.')
BUILD = os.environ.get('builddir', '.')
CORPUS = os.environ.get('DARKROOM_CORPUS', os.path.join(TOP, '..', 'shared', 'corpus'))
FOLDERS = ('camera', 'makernotes', 'metadata')
# What the manual says is kept, by exiftool's families. ExifTool.jpg is a made-up file of all segments.
KEPT = ('IFD0', 'ExifIFD', 'GPS', 'InteropIFD', 'MakerNotes', 'XMP', 'IPTC', 'Apple', 'Canon', 'Casio',
        'FujiFilm', 'Minolta', 'Nikon', 'NikonScan', 'Olympus', 'Panasonic', 'Pentax', 'PreviewIFD', 'Ricoh',
        'Sanyo', 'Sigma', 'Sony', 'JVC', 'Leica', 'Motorola', 'GE', 'Samsung', 'CanonCustom', 'PrintIM')
# Named in the manual, or found elsewhere: XMP's own segments over the size that is allowed for an extension.
OTHER = ('exiftool--ExifTool.jpg', 'exiftool--ExtendedXMP.jpg', 'exiftool--CasioQVCI.jpg')
PRIVATE = ('GPS', 'SerialNumber', 'OwnerName', 'MakerNote', 'City', 'Country', 'Sub-location', 'Province')


def tags(paths):
    out = subprocess.run(['exiftool', '-j', '-G1', '-a', '-n', *paths], capture_output=True, check=False).stdout
    return [{k for k in one if ':' in k} for one in json.loads(out)]


def convert(sources, metadata, folder):
    subprocess.run([os.path.join(BUILD, 'darkroom'), 'convert', '-o', 'rendition web.size=400x400', '-o',
                    'rendition web.metadata=' + metadata, *sources, folder], capture_output=True, check=False,
                   env={**os.environ, 'DARKROOMD': os.path.join(BUILD, 'darkroomd')})
    return [os.path.join(folder, 'web', os.path.basename(s)) for s in sources]


def main():
    sources = [p for f in FOLDERS for p in sorted(glob.glob(os.path.join(CORPUS, f, '*')))
               if p.lower().endswith(('.jpg', '.jpeg', '.png'))]
    if not sources:
        print('no corpus:', CORPUS)
        return 77
    if subprocess.run(['sh', '-c', 'command -v exiftool'], capture_output=True, check=False).returncode != 0:
        print('no exiftool (Debian: libimage-exiftool-perl)')
        return 77
    bad = n_tags = n_files = n_private = 0
    with tempfile.TemporaryDirectory() as work:
        kept = convert(sources, 'keep', os.path.join(work, 'keep'))
        safe = convert(sources, 'safe', os.path.join(work, 'safe'))
        pairs = [(s, k, f) for s, k, f in zip(sources, kept, safe) if os.path.exists(k) and os.path.exists(f)]
        before, after, told = (tags(list(column)) for column in zip(*pairs))
    for (source, _, _), a, b, c in zip(pairs, before, after, told):
        name = os.path.basename(source)
        mine = {t for t in a if t.split(':')[0].split('-')[0] in KEPT or t == 'File:Comment'}
        lost = sorted(mine - b)
        n_files += 1
        n_tags += len(mine)
        if lost and name not in OTHER:
            print('not ok', name, 'lost', len(lost), lost[:8])
            bad += 1
        leaks = sorted(t for t in c if any(p in t for p in PRIVATE) and not t.startswith(('Composite', 'File')))
        n_private += sum(any(p in t for p in PRIVATE) for t in a)
        if leaks:
            print('not ok', name, 'safe tells', leaks[:8])
            bad += 1
    print(f'{n_files} files, {n_tags} tags by keep; {n_private} private ones not told by safe; {bad} bad')
    return 1 if bad or n_files < 50 else 0


sys.exit(main())
