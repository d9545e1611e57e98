#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of an audit, held against what --ranges says.

The report is shown by a browser without a window; a script added to a copy of it asks the map for
pages in the middle and at both ends of many ranges, moves the pointer over it and zooms, and leaves
what it got in the page, which --dump-dom prints.
"""
import argparse
import json
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

PROBES = 2000

SCRIPT = """
<script>
(function () {
    const scale = () => document.getElementById("scale").textContent;
    const canvas = document.getElementById("map");

    function colorsDrawn() {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const colors = new Set();

        for (let i = 0; i < pixels.length; i += 4)
            colors.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
        return [...colors].map((color) => "#" + color.toString(16).padStart(6, "0"));
    }

    function run(probes) {
        const result = document.createElement("pre");

        const got = probes.map((pfn) => window.vmcullMap.describe(pfn));
        const box = canvas.getBoundingClientRect(), before = scale(), colors = colorsDrawn();
        const at = {clientX: box.left + box.width / 2, clientY: box.top + 15, bubbles: true};
        let tip = "";

        /* On top there may be a gap, of machines whose memory does not begin at 0. */
        for (; !tip && at.clientY < box.bottom; at.clientY += 10) {
            canvas.dispatchEvent(new PointerEvent("pointermove", at));
            tip = document.getElementById("tip").textContent;
        }
        canvas.dispatchEvent(new WheelEvent("wheel", {...at, deltaY: -100, cancelable: true}));
        window.vmcullMap.drawNow(); /* without a window a frame may not come */
        result.id = "result";
        result.textContent = JSON.stringify({got, tip, before, after: scale(), colors,
            drawn: document.documentElement.dataset});
        document.body.append(result);
    }
    run(%s);
})();
</script>
"""


class Result(HTMLParser):
    """The text of the element that SCRIPT added."""

    def __init__(self):
        super().__init__()
        self.inside, self.text = False, ''

    def handle_starttag(self, tag, attrs):
        if dict(attrs).get('id') == 'result':
            self.inside = True

    def handle_endtag(self, tag):
        if tag == 'pre':
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.text += data


def fail(message):
    sys.exit(f'pictures.py: {message}')


def read_ranges(path):
    ranges = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in ranges:
        if isinstance(entry['pfn'], str):
            entry['pfn'] = int(entry['pfn'], 0)
    return ranges


def totals(ranges):
    pages = {}
    for entry in ranges:
        pages[entry['state']] = pages.get(entry['state'], 0) + entry['count']
    return pages


def probes_of(ranges):
    step = max(1, len(ranges) // PROBES)
    probes = {}
    for entry in ranges[::step]:
        for pfn in (entry['pfn'], entry['pfn'] + entry['count'] // 2,
                    entry['pfn'] + entry['count'] - 1):
            probes[pfn] = entry
    return probes


def show(page, browser):
    command = [browser, '--headless', '--no-sandbox', '--disable-gpu', '--window-size=1400,1200',
               '--virtual-time-budget=5000', '--dump-dom', page.resolve().as_uri()]
    with tempfile.TemporaryDirectory() as profile:
        shown = subprocess.run(command + [f'--user-data-dir={profile}'], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, timeout=300, check=True)
    parser = Result()
    parser.feed(shown.stdout.decode())
    if not parser.text:
        fail('the page left no result: its script failed')
    return json.loads(parser.text)


def check_html(path, ranges, browser):
    text = path.read_text()
    if re.search(r'(src|href)="(?!#)', text) or 'http' in text:
        fail('the page refers to something outside of it')
    probes = probes_of(ranges)
    probed = path.with_name('probed.html')
    probed.write_text(text.replace('</body>', SCRIPT % json.dumps(list(probes)) + '</body>'))
    result = show(probed, browser)

    wrong = 0
    for (pfn, entry), got in zip(probes.items(), result['got']):
        states = got.get('mix') or [got['state']]
        same = entry['state'] in states and got['start'] <= pfn < got['end']
        if not got.get('mix') and entry['state'] != 'absent':
            same = same and got['order'] == entry['order'] and (
                entry.get('zone') is None or got['zone'] == entry['zone'])
        if not same:
            wrong += 1
            print(f'pfn {pfn:#x}: {got}, but --ranges says {entry}')
    if wrong:
        fail(f'{wrong} of {len(probes)} pages are told otherwise than by --ranges')

    pages = totals(ranges)
    present = sum(count for state, count in pages.items() if state != 'absent')
    drawn = int(result['drawn']['drawnPages'])
    if drawn != present and not any(got.get('mix') for got in result['got']):
        fail(f'the map has {drawn} pages instead of {present}')
    if not result['tip'].startswith('pfn 0x'):
        fail(f'nothing is told under the pointer: {result["tip"]!r}')
    if result['before'] == result['after']:
        fail(f'the wheel does not zoom: {result["before"]}')
    palette = {name: color for name, color, _ in
               json.loads(re.search(r'id="data">\s*(.*?)</script>', text, re.S)[1])['states']}
    for state, count in pages.items():
        if state != 'absent' and count * 200 > present and palette[state] not in result['colors']:
            fail(f'{state} has {count} pages but no pixel of {palette[state]}')
    print(f'report: {len(probes)} pages of {len(ranges)} ranges are told as by --ranges')


def read_png(path):
    """Width, height and pixels as bytes of colours, after a check of every chunk."""
    data = path.read_bytes()
    if data[:8] != b'\x89PNG\r\n\x1a\n':
        fail('no PNG')
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack_from('>I4s', data, at)
        body = data[at + 8:at + 8 + size]
        if struct.unpack_from('>I', data, at + 8 + size)[0] != zlib.crc32(kind + body):
            fail(f'{kind} has a wrong checksum')
        chunks[kind] = chunks.get(kind, b'') + body
        at += size + 12
    width, height = struct.unpack_from('>II', chunks[b'IHDR'])
    rows = zlib.decompress(chunks[b'IDAT'])
    if len(rows) != (width + 1) * height:
        fail('the pixels are not all there')
    palette = [chunks[b'PLTE'][i:i + 3].hex() for i in range(0, len(chunks[b'PLTE']), 3)]
    counts = {}
    for row in range(height):
        for pixel in rows[row * (width + 1) + 1:(row + 1) * (width + 1)]:
            counts[palette[pixel]] = counts.get(palette[pixel], 0) + 1
    return width, height, counts


def check_png(path, ranges):
    width, height, counts = read_png(path)
    if not (1000 < width < 2000 and 200 < height < 3000):
        fail(f'a picture of {width} times {height} pixels')
    print(f'PNG: {width} times {height} pixels, {len(counts)} colours')


def check_svg(path, ranges):
    if path.stat().st_size > 2000000:
        fail(f'the SVG has {path.stat().st_size} bytes')
    root = ElementTree.parse(path).getroot()
    titles = [e.text for e in root.iter('{http://www.w3.org/2000/svg}title')]
    names = ' '.join(titles)
    for state in totals(ranges):
        if state != 'absent' and state not in names:
            fail(f'no tooltip of the SVG names {state}')
    print(f'SVG: {path.stat().st_size} bytes, {len(titles)} tooltips')


def check_text(path, ranges):
    text = path.read_text()
    for state, count in totals(ranges).items():
        if not re.search(rf'{state} +{count} pages', text):
            fail(f'the text does not say that there are {count} pages {state}')
    print(f'text: {len(text.splitlines())} lines')


def main():
    parser = argparse.ArgumentParser()
    for name in ('png', 'svg', 'text', 'html'):
        parser.add_argument(f'--{name}', type=Path)
    parser.add_argument('--ranges', type=Path, required=True)
    parser.add_argument('--browser')
    args = parser.parse_args()
    ranges = read_ranges(args.ranges)
    if args.png:
        check_png(args.png, ranges)
    if args.svg:
        check_svg(args.svg, ranges)
    if args.text:
        check_text(args.text, ranges)
    if args.html:
        check_html(args.html, ranges, args.browser)


main()
