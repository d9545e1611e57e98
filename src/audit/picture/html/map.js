"use strict";
/*
 * The map of a report.  A row is a power of two of pages; zooming changes how many.  Rows without
 * memory are left out, a narrow gap stands for any number of them.
 *
 * Pages are numbers up to 2^52, which doubles hold; addresses need BigInt.
 */
(function () {
	const data = JSON.parse(document.getElementById("data").textContent);
	const canvas = document.getElementById("map");
	const tip = document.getElementById("tip");
	const context = canvas.getContext("2d");
	const states = data.states.map(([name, color, meaning]) => ({name, color, meaning}));
	const kinds = data.kinds.map(([state, order, zone, content, attributes, mix]) =>
		({state, order, zone, content, attributes, mix}));
	const absent = states.length - 1;
	const rare = data.order.filter((state) => data.rare >> state & 1);

	const marked = ["hwpoison", "unknown"].map((name) =>
		states.findIndex((state) => state.name === name));

	const count = data.ranges.length / 3;
	const starts = new Float64Array(count), ends = new Float64Array(count);
	const kindOf = new Uint32Array(count);

	const GAP = 18, LEFT = 150, RIGHT = 200, SCROLL = 12, MIN_SHIFT = 4;
	const PITCH_MIN = 10, PITCH_MAX = 20;

	let pitch = PITCH_MIN;	/* from row to row; a bar is one pixel less */

	let shift = MIN_SHIFT;	/* of the pages of a row */
	let runs = [];		/* of rows with memory: first, count, top (in pixels from the first) */
	let height = 0;		/* of all rows */
	let top = 0;		/* what is at the top of the canvas */
	let target = -1;	/* the page that was gone to */
	let only = -1;		/* the state that is shown alone */
	let width = 0, view = 0, mapWidth = 0;
	let colors = {};
	let pending = false;

	function unpackRanges() {
		let end = 0;

		for (let i = 0; i < count; i++) {
			starts[i] = end + data.ranges[3 * i];
			end = ends[i] = starts[i] + data.ranges[3 * i + 1];
			kindOf[i] = data.ranges[3 * i + 2];
		}
		data.ranges = null;
	}

	/* The first range that ends above @pfn. */
	function findRange(pfn) {
		let low = 0, high = count;

		while (low < high) {
			const middle = (low + high) >> 1;

			if (ends[middle] > pfn)
				high = middle;
			else
				low = middle + 1;
		}
		return low;
	}

	const rowPages = () => Math.pow(2, shift);
	const rowOf = (pfn) => Math.floor(pfn / rowPages());

	function hex(number) {
		return "0x" + number.toString(16);
	}

	function address(pfn) {
		return hex(BigInt(pfn) * BigInt(data.pageSize));
	}

	function size(pages) {
		const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
		let bytes = pages * data.pageSize, unit = 0;

		while (bytes >= 1024 && unit + 1 < units.length) {
			bytes /= 1024;
			unit++;
		}
		return (Number.isInteger(bytes) ? bytes : bytes.toPrecision(3)) + " " + units[unit];
	}

	/* Rows that hold memory, and where they lie. */
	function layOutRows() {
		runs = [];
		height = 0;
		for (let i = 0; i < count; i++) {
			const first = rowOf(starts[i]), last = rowOf(ends[i] - 1);
			const run = runs[runs.length - 1];

			if (run && first <= run.first + run.count) {
				const grown = last + 1 - run.first - run.count;

				if (grown > 0) {
					run.count += grown;
					height += grown * pitch;
				}
				continue;
			}
			if (first > (run ? run.first + run.count : 0))
				height += GAP;
			runs.push({first, count: last + 1 - first, top: height});
			height += (last + 1 - first) * pitch;
		}
	}

	/* The run at @y pixels from the first row, or the last one above it. */
	function runAt(y) {
		let low = 0, high = runs.length;

		while (high - low > 1) {
			const middle = (low + high) >> 1;

			if (runs[middle].top <= y)
				low = middle;
			else
				high = middle;
		}
		return runs.length ? low : -1;
	}

	function topOf(pfn) {
		const row = rowOf(pfn);

		for (const run of runs)
			if (row < run.first + run.count)
				return run.top + Math.max(0, row - run.first) * pitch;
		return height;
	}

	/* What is under a point of the canvas: a pfn, or -1. */
	function pfnAt(x, y) {
		const at = runAt(y + top);

		if (at < 0 || x < LEFT || x >= LEFT + mapWidth)
			return -1;
		const run = runs[at], row = Math.floor((y + top - run.top) / pitch);

		if (row < 0 || row >= run.count)
			return -1;
		const pfn = (run.first + row) * rowPages() +
			Math.floor((x - LEFT) * rowPages() / mapWidth);
		return pfn < data.end ? pfn : -1;
	}

	function clampTop() {
		top = Math.max(0, Math.min(top, height - view));
		top = Math.round(top);
	}

	function setShift(wanted) {
		shift = Math.max(MIN_SHIFT, Math.min(52, wanted));
		layOutRows();
	}

	/* Makes rows as high as they fit. */
	function spread() {
		const rows = runs.reduce((sum, run) => sum + run.count, 0);
		const gaps = height - rows * pitch;

		pitch = Math.floor((view - gaps) / Math.max(1, rows));
		pitch = Math.max(PITCH_MIN, Math.min(PITCH_MAX, pitch));
		layOutRows();
	}

	/* The fewest pages a row with which all fits. */
	function showAll() {
		let all = MIN_SHIFT;

		pitch = PITCH_MIN;
		setShift(all);
		while (height > view && all < 52)
			setShift(++all);
		spread();
		top = 0;
		fullShift = all;
		draw();
	}
	let fullShift = MIN_SHIFT;

	/* Zooms so that what is at (@x, @y) stays at that height. */
	function zoom(by, x, y) {
		const wanted = Math.max(MIN_SHIFT, Math.min(fullShift, shift - by));
		let pfn = pfnAt(x, y);

		if (wanted === shift)
			return;
		if (pfn < 0)
			pfn = pfnNear(y);
		setShift(wanted);
		top = topOf(pfn) - y + pitch / 2;
		draw();
	}

	function pfnNear(y) {
		const at = runAt(y + top);

		if (at < 0)
			return 0;
		const run = runs[at], row = Math.floor((y + top - run.top) / pitch);

		return (run.first + Math.max(0, Math.min(row, run.count - 1))) * rowPages();
	}

	/* Shares out @units of a bar as a PNG has them: in proportion, but never nothing for a state
	 * that needs a look. */
	function shareOut(pages, total, units) {
		const shares = new Array(states.length).fill(0);
		let used = 0;

		for (const state of data.order) {
			if (!pages[state])
				continue;
			shares[state] = pages[state] * units / total;
			if (rare.includes(state))
				shares[state] = Math.max(shares[state], 2);
			used += shares[state];
		}
		return shares.map((share) => share * units / used);
	}

	function fill(state, x, y, w, h) {
		if (only >= 0 && state !== only && state !== absent)
			context.globalAlpha = 0.12;
		context.fillStyle = state === absent ? colors.hatched : states[state].color;
		context.fillRect(x, y, w, h);
		context.globalAlpha = 1;
	}

	/* A bar of several pages: [first, last) have the ranges from @index on.  Returns the range that
	 * the next bar begins in. */
	function sumBar(first, last, index, pages) {
		let present = 0;

		pages.fill(0);
		for (; index < count && starts[index] < last; index++) {
			const kind = kinds[kindOf[index]];
			const part = Math.min(ends[index], last) - Math.max(starts[index], first);

			pages[kind.state] += part;
			present += part;
			if (kind.mix)
				for (const state of rare)
					if (kind.mix >> state & 1 && !pages[state])
						pages[state] = 1;
			if (ends[index] >= last)
				break;
		}
		pages[absent] = Math.max(0, last - first - present);
		return index;
	}

	function drawMixedRow(from, until, y) {
		const pages = new Array(states.length).fill(0);
		const columns = mapWidth / 2;
		let index = findRange(from), solid = -1, since = 0;

		for (let column = 0; column <= columns; column++) {
			const first = from + Math.floor(column * rowPages() / columns);
			const last = from + Math.floor((column + 1) * rowPages() / columns);
			let whole = -1;

			if (column < columns && first < until) {
				index = sumBar(first, last, index, pages);
				whole = pages.findIndex((n) => n > 0);
				if (pages.some((n, state) => n > 0 && state !== whole))
					whole = -1;
			}
			if (solid >= 0 && whole !== solid)
				fill(solid, LEFT + 2 * since, y, 2 * (column - since), pitch - 1);
			if (whole !== solid)
				since = column;
			solid = whole;
			if (column < columns && first < until && whole < 0) {
				const shares = shareOut(pages, last - first, pitch - 1);
				let bottom = y + pitch - 1;

				for (const state of data.order) {
					if (!shares[state])
						continue;
					bottom -= shares[state];
					fill(state, LEFT + 2 * column, bottom, 2, shares[state]);
				}
			}
			if (first >= until && column < columns)
				break;
		}
		if (solid >= 0)
			fill(solid, LEFT + 2 * since, y, mapWidth - 2 * since, pitch - 1);
	}

	/* Every page is two pixels wide or more. */
	function drawPagesRow(from, until, y) {
		const scale = mapWidth / rowPages();

		fill(absent, LEFT, y, (until - from) * scale, pitch - 1);
		for (let i = findRange(from); i < count && starts[i] < until; i++) {
			const kind = kinds[kindOf[i]];
			const first = Math.max(starts[i], from), last = Math.min(ends[i], until);
			const x = LEFT + (first - from) * scale, w = (last - first) * scale;

			fill(kind.state, x, y, w, pitch - 1);
			if (kind.mix)
				for (const state of rare)
					if (kind.mix >> state & 1 && state !== kind.state)
						fill(state, x, y + (pitch - 1) / 2, Math.max(2, w / 8), 3);
			/* Blocks and pages are told apart once there is room. */
			if (scale >= 6) {
				const step = Math.pow(2, kind.order);

				context.fillStyle = colors.paper;
				context.globalAlpha = 0.5;
				for (let page = Math.ceil(first / step) * step; page < last; page += step)
					context.fillRect(LEFT + (page - from) * scale, y, 1, pitch - 1);
				context.globalAlpha = 1;
			}
		}
	}

	function zoneOfRow(from, until) {
		const names = [];
		let node = null;

		for (let i = findRange(from); i < count && starts[i] < until && names.length < 4; i++) {
			const zone = data.zones[kinds[kindOf[i]].zone];

			if (!zone || names.some((known) => known.zone === zone))
				continue;
			names.push({zone, text: (zone[0] === node ? ", " : (names.length ? "; " : "") +
				"node " + zone[0] + ": ") + zone[1]});
			node = zone[0];
		}
		return names.map((name) => name.text).join("");
	}

	function drawBracket(zone, from, until) {
		if (!zone)
			return;
		const x = LEFT + mapWidth + 6;

		context.fillStyle = colors.muted;
		context.fillRect(x, from, 2, until - from - 1);
		context.fillStyle = colors.ink;
		context.textAlign = "left";
		context.fillText(zone, x + 8, (Math.max(from, 0) + Math.min(until, view)) / 2, RIGHT - 20);
	}

	function drawGap(run, y) {
		const before = runs[run - 1], end = runs[run].first * rowPages();
		const start = before ? (before.first + before.count) * rowPages() : 0;

		fill(absent, LEFT, y - GAP + 7, mapWidth, 3);
		const text = "no memory: " + size(end - start);
		const room = context.measureText(text).width + 16;

		context.fillStyle = colors.paper;
		context.fillRect(LEFT + (mapWidth - room) / 2, y - GAP, room, GAP - 1);
		context.fillStyle = colors.muted;
		context.textAlign = "center";
		context.fillText(text, LEFT + mapWidth / 2, y - GAP / 2);
	}

	/* Points to rows with what needs a look, however small it is. */
	function drawMarks(from, until, y) {
		let x = LEFT - 6;

		for (const state of marked) {
			let found = false;

			for (let i = findRange(from); i < count && starts[i] < until && !found; i++) {
				const kind = kinds[kindOf[i]];

				found = kind.state === state || kind.mix >> state & 1;
			}
			if (found)
				fill(state, x, y, 4, pitch - 1);
			x -= found ? 5 : 0;
		}
	}

	function drawTarget() {
		const x = LEFT + (target - rowOf(target) * rowPages()) * mapWidth / rowPages();

		context.strokeStyle = colors.ink;
		context.lineWidth = 2;
		context.strokeRect(x - 2, topOf(target) - top - 2,
			Math.max(2, mapWidth / rowPages()) + 4, pitch + 3);
	}

	function drawRow(row, y, label) {
		const from = row * rowPages(), until = Math.min(from + rowPages(), data.end);

		context.fillStyle = colors.line;
		context.fillRect(LEFT - 1, y - 1, (until - from) * mapWidth / rowPages() + 2, pitch + 1);
		if (mapWidth / rowPages() < 2)
			drawMixedRow(from, until, y);
		else
			drawPagesRow(from, until, y);
		drawMarks(from, until, y);
		if (label) {
			context.fillStyle = colors.muted;
			context.textAlign = "right";
			context.fillText(address(from), LEFT - 18, y + (pitch - 1) / 2);
		}
	}

	function drawScrollBar() {
		if (height <= view)
			return;
		const x = width - SCROLL, length = Math.max(20, view * view / height);

		context.fillStyle = colors.panel;
		context.fillRect(x, 0, SCROLL, view);
		context.fillStyle = colors.muted;
		context.fillRect(x + 2, (view - length) * top / (height - view), SCROLL - 4, length);
	}

	function drawRows() {
		let zone = "", since = 0, y = 0, drawn = 0;

		for (let i = Math.max(0, runAt(top)); i < runs.length; i++) {
			const run = runs[i];

			if (run.top - GAP > top + view)
				break;
			if (run.first > (i ? runs[i - 1].first + runs[i - 1].count : 0))
				drawGap(i, run.top - top);
			for (let row = Math.max(0, Math.floor((top - run.top) / pitch)); row < run.count; row++) {
				y = run.top + row * pitch - top;
				if (y >= view)
					break;
				const number = run.first + row;
				const next = zoneOfRow(number * rowPages(), (number + 1) * rowPages());

				if (next !== zone) {
					drawBracket(zone, since, drawn);
					zone = next;
					since = y;
				}
				drawRow(number, y, row === 0 || pitch > 14 || (number % 4 === 0 && row > 1));
				drawn = y + pitch;
			}
		}
		drawBracket(zone, since, drawn);
	}

	function makeHatch() {
		const tile = document.createElement("canvas");

		tile.width = tile.height = 6;
		const pen = tile.getContext("2d");

		pen.fillStyle = colors.absent;
		pen.fillRect(0, 0, 6, 6);
		pen.fillStyle = colors.hatch;
		for (let i = 0; i < 6; i++)
			pen.fillRect(i, 5 - i, 1, 1);
		return context.createPattern(tile, "repeat");
	}

	function readColors() {
		const style = getComputedStyle(document.documentElement);

		for (const name of ["paper", "ink", "muted", "line", "panel", "absent", "hatch"])
			colors[name] = style.getPropertyValue("--" + name).trim();
		colors.hatched = makeHatch();
	}

	function fit() {
		const ratio = window.devicePixelRatio || 1;

		width = canvas.clientWidth;
		view = canvas.clientHeight;
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(view * ratio);
		context.setTransform(ratio, 0, 0, ratio, 0, 0);
		/* An even number, for bars of two pixels. */
		mapWidth = Math.max(64, Math.floor((width - LEFT - RIGHT) / 2) * 2);
	}

	function drawNow() {
		pending = false;
		clampTop();
		readColors();
		context.fillStyle = colors.paper;
		context.fillRect(0, 0, width, view);
		context.font = "11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
		context.textBaseline = "middle";
		drawRows();
		if (target >= 0)
			drawTarget();
		drawScrollBar();
		document.getElementById("scale").textContent = "a row is " + size(rowPages());
		tellTests();
	}

	function draw() {
		if (pending)
			return;
		pending = true;
		requestAnimationFrame(drawNow);
	}

	/* What is known of a pfn. */
	function describe(pfn) {
		const index = findRange(pfn);

		if (pfn < 0 || pfn >= data.end)
			return null;
		if (index === count || starts[index] > pfn) {
			const start = index ? ends[index - 1] : 0;

			return {state: "absent", start, end: index < count ? starts[index] : data.end};
		}
		const kind = kinds[kindOf[index]], zone = data.zones[kind.zone];

		return {
			state: states[kind.state].name,
			meaning: states[kind.state].meaning,
			start: starts[index],
			end: ends[index],
			order: kind.order,
			node: zone ? zone[0] : null,
			zone: zone ? zone[1] : null,
			content: !!kind.content,
			attributes: data.attributes.filter((name, i) => kind.attributes >> i & 1),
			mix: states.filter((state, i) => kind.mix >> i & 1).map((state) => state.name),
		};
	}

	function describeText(pfn) {
		const found = describe(pfn);
		const lines = [
			"pfn " + hex(pfn) + ", physical address " + address(pfn),
			found.mix && found.mix.length ? "mixed: " + found.mix.join(", ") + "; most: " + found.state
				: found.state + (found.meaning ? " – " + found.meaning : ""),
			"pfn " + hex(found.start) + "–" + hex(found.end - 1) + ": " +
				(found.end - found.start).toLocaleString("en") + " pages, " +
				size(found.end - found.start),
		];

		if (found.zone)
			lines.push("node " + found.node + ", zone " + found.zone);
		if (found.order)
			lines.push("blocks of order " + found.order);
		if (found.attributes && found.attributes.length)
			lines.push(found.attributes.join(", "));
		if (data.content && found.state !== "absent")
			lines.push(found.content ? "content in the dump" : "content not in the dump");
		return lines.join("\n");
	}

	function showTip(event) {
		const box = canvas.getBoundingClientRect();
		const x = event.clientX - box.left, y = event.clientY - box.top;
		const pfn = pfnAt(x, y);

		tip.hidden = pfn < 0;
		if (pfn < 0)
			return;
		tip.textContent = describeText(pfn);
		tip.style.left = Math.max(0, Math.min(x + 14, width - tip.offsetWidth)) + "px";
		tip.style.top = (y + 18 + tip.offsetHeight > view ? y - tip.offsetHeight - 10 : y + 18) + "px";
	}

	function goTo(pfn) {
		if (!(pfn >= 0 && pfn < data.end))
			return false;
		if (rowPages() > 8192)
			setShift(13);
		target = pfn;
		top = topOf(pfn) - view / 2;
		draw();
		return true;
	}

	function goToText(text) {
		const match = /^(?:0x)?([0-9a-f]+)(p?)$/i.exec(text.trim());

		if (!match)
			return false;
		const number = BigInt("0x" + match[1]);

		return goTo(Number(match[2] ? number / BigInt(data.pageSize) : number));
	}

	function goToHash() {
		const match = /^#pfn=([0-9a-f]+)$/.exec(location.hash);

		if (!match || !goToText(match[1]))
			return;
		document.getElementById("memory").scrollIntoView();
		canvas.focus({preventScroll: true});
	}

	function watchPointer() {
		let drag = null;

		canvas.addEventListener("pointerdown", (event) => {
			const x = event.clientX - canvas.getBoundingClientRect().left;

			drag = {y: event.clientY, top, bar: x >= width - SCROLL};
			canvas.setPointerCapture(event.pointerId);
		});
		canvas.addEventListener("pointermove", (event) => {
			if (drag) {
				const moved = event.clientY - drag.y;

				top = drag.top + (drag.bar ? moved * height / view : -moved);
				draw();
			}
			showTip(event);
		});
		canvas.addEventListener("pointerup", () => { drag = null; });
		canvas.addEventListener("pointercancel", () => { drag = null; });
		canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
		canvas.addEventListener("wheel", (event) => {
			const box = canvas.getBoundingClientRect();

			event.preventDefault();
			if (event.shiftKey) {
				top += event.deltaY || event.deltaX;
				draw();
			} else {
				zoom(event.deltaY < 0 ? 1 : -1, event.clientX - box.left, event.clientY - box.top);
			}
			tip.hidden = true;
		}, {passive: false});
	}

	function watchKeys() {
		const middle = () => [LEFT + mapWidth / 2, view / 2];
		const keys = {
			"+": () => zoom(1, ...middle()), "=": () => zoom(1, ...middle()),
			"-": () => zoom(-1, ...middle()), "0": showAll,
			"ArrowUp": () => { top -= pitch * 4; }, "ArrowDown": () => { top += pitch * 4; },
			"PageUp": () => { top -= view - pitch; }, "PageDown": () => { top += view - pitch; },
			"Home": () => { top = 0; }, "End": () => { top = height; },
		};

		canvas.addEventListener("keydown", (event) => {
			if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey)
				return;
			event.preventDefault();
			keys[event.key]();
			draw();
		});
		document.getElementById("zoom-in").onclick = keys["+"];
		document.getElementById("zoom-out").onclick = keys["-"];
		document.getElementById("zoom-all").onclick = showAll;
		document.getElementById("go").addEventListener("change", (event) => {
			event.target.setCustomValidity(goToText(event.target.value) ? "" : "no such page");
			event.target.reportValidity();
		});
	}

	function makeLegend() {
		const legend = document.getElementById("legend");
		const seen = new Set();

		for (let i = 0; i < count; i++) {
			seen.add(kinds[kindOf[i]].state);
			for (let state = 0; state < states.length; state++)
				if (kinds[kindOf[i]].mix >> state & 1)
					seen.add(state);
		}
		for (const state of data.order) {
			if (!seen.has(state))
				continue;
			const button = document.createElement("button"), swatch = document.createElement("i");

			button.type = "button";
			button.title = states[state].meaning;
			button.setAttribute("aria-pressed", "false");
			swatch.className = "swatch";
			swatch.style.background = states[state].color;
			button.append(swatch, states[state].name);
			button.onclick = () => {
				only = only === state ? -1 : state;
				for (const other of legend.children)
					other.setAttribute("aria-pressed", String(only >= 0 && other === button));
				draw();
			};
			legend.append(button);
		}
	}

	/* For tests of the page: what was drawn. */
	function tellTests() {
		let pages = 0;

		for (let i = 0; i < count; i++)
			pages += ends[i] - starts[i];
		document.documentElement.dataset.drawnRanges = String(count);
		document.documentElement.dataset.drawnPages = String(pages);
	}

	unpackRanges();
	makeLegend();
	watchPointer();
	watchKeys();
	fit();
	showAll();
	drawNow();
	window.addEventListener("resize", () => { fit(); draw(); });
	window.addEventListener("hashchange", goToHash);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
	goToHash();
	window.vmcullMap = {describe, describeText, drawNow, goTo, zoom, showAll};
})();
