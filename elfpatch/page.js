"use strict";
/* The timeline of a page: what is drawn stays, and is given other places when the view changes. */
(function () {
	const svg = document.getElementById("timeline");
	if (!svg)
		return;
	document.documentElement.classList.add("js");
	const left = +svg.dataset.left, right = +svg.dataset.right, total = +svg.dataset.length, height = svg.viewBox.baseVal.height;
	const axis = document.getElementById("axis"), chosen = document.getElementById("chosen");
	const pane = svg.parentElement, filter = document.getElementById("filter");
	const items = Array.from(svg.querySelectorAll("[data-s]"), function (g) {
		const rect = g.querySelector("rect"), text = g.querySelector("text");
		return {g, rect, text, start: +g.dataset.s, end: +g.dataset.e, y: +g.dataset.y, name: g.dataset.n};
	});
	/* Where the next one in the same row begins. */
	const rows = new Map();
	for (const item of items.slice().sort((a, b) => b.start - a.start)) {
		item.next = rows.has(item.y) ? rows.get(item.y) : Infinity;
		rows.set(item.y, item.start);
	}
	let from = 0, to = total, width = 0; /* of all but the margin on the right */

	function time(t) {
		const size = Math.abs(t);
		if (size < 999.5)
			return (size < 9.95 ? +t.toPrecision(2) : Math.round(t)) + " µs";
		if (size < 999.5e3)
			return (t / 1e3).toFixed(size < 9.995e3 ? 2 : size < 99.95e3 ? 1 : 0) + " ms";
		return (t / 1e6).toFixed(size < 9.995e6 ? 2 : size < 99.95e6 ? 1 : 0) + " s";
	}

	function make(name, attributes, text) {
		const element = document.createElementNS("http://www.w3.org/2000/svg", name);
		for (const key in attributes)
			element.setAttribute(key, attributes[key]);
		if (text !== undefined)
			element.textContent = text;
		return element;
	}

	function drawAxis(scale) {
		const about = (to - from) / Math.max(2, (width - left) / 110);
		const unit = Math.pow(10, Math.floor(Math.log10(about)));
		const step = unit * (about / unit > 5 ? 10 : about / unit > 2 ? 5 : about / unit > 1 ? 2 : 1);
		axis.replaceChildren();
		for (let i = Math.ceil(from / step); i * step <= to; i++) {
			const x = left + (i * step - from) * scale;
			axis.append(make("line", {class: "grid", x1: x, x2: x, y1: 22, y2: height}));
			if (x + 56 < width)
				axis.append(make("text", {class: "soft", x: x + 4, y: 14}, i ? time(i * step) : "0"));
		}
	}

	function draw() {
		const scale = (width - left) / (to - from);
		svg.setAttribute("viewBox", "0 0 " + (width + right) + " " + height);
		drawAxis(scale);
		for (const item of items) {
			const x = left + (item.start - from) * scale;
			if (!item.rect) {
				item.g.setAttribute("transform", "translate(" + x + " " + item.y + ")");
				item.g.style.display = x < left || x > width ? "none" : "";
				continue;
			}
			const begin = Math.max(left, x), end = Math.min(width + right, left + (item.end - from) * scale);
			item.g.style.display = end < left || begin > width ? "none" : "";
			const wide = Math.max(1.5, end - begin), room = Math.floor((wide - 8) / 6.7);
			item.rect.setAttribute("x", begin);
			item.rect.setAttribute("width", wide);
			const label = item.name + " " + time(item.end - item.start);
			const free = Math.min(width + right, left + (item.next - from) * scale) - begin - wide;
			const behind = room < 3 && label.length * 6.7 + 16 < free;
			item.text.setAttribute("class", behind ? "behind" : "");
			item.text.setAttribute("x", behind ? begin + wide + 5 : begin + 4);
			item.text.textContent = behind ? label : room < 3 ? "" : item.name.length <= room ? item.name :
				item.name.slice(0, room - 1) + "…";
		}
	}

	function view(a, b) {
		const least = Math.max(total / 1e6, 0.5), span = Math.min(total, Math.max(least, b - a));
		from = Math.min(Math.max(0, a), total - span);
		to = from + span;
		draw();
	}

	function zoom(factor, at) {
		view(at - (at - from) * factor, at + (to - at) * factor);
	}

	function timeAt(event) {
		const box = svg.getBoundingClientRect();
		return from + Math.max(0, event.clientX - box.left - left) / (width - left) * (to - from);
	}

	function fit() {
		width = Math.max(480, svg.getBoundingClientRect().width) - right;
		draw();
	}

	function choose(item) {
		for (const other of items)
			other.g.classList.toggle("chosen", other === item);
		chosen.textContent = item ? item.g.querySelector("title").textContent : "";
	}

	svg.addEventListener("wheel", function (event) {
		if (!event.ctrlKey && pane.scrollHeight > pane.clientHeight)
			return;
		if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
			const shift = event.deltaX / (width - left) * (to - from);
			view(from + shift, to + shift);
		} else {
			zoom(Math.exp(Math.sign(event.deltaY) * 0.22), timeAt(event));
		}
		event.preventDefault();
	}, {passive: false});
	let drag = null;
	svg.addEventListener("pointerdown", function (event) {
		drag = {x: event.clientX, from, to, moved: false};
	});
	window.addEventListener("pointermove", function (event) {
		if (!drag || Math.abs(event.clientX - drag.x) < 3 && !drag.moved)
			return;
		drag.moved = true;
		const shift = (drag.x - event.clientX) / (width - left) * (drag.to - drag.from);
		view(drag.from + shift, drag.to + shift);
	});
	window.addEventListener("pointerup", function (event) {
		if (drag && !drag.moved)
			choose(items.find(item => item.g.contains(event.target)));
		drag = null;
	});
	svg.addEventListener("dblclick", function (event) {
		const item = items.find(each => each.g.contains(event.target));
		if (item && item.end > item.start)
			view(item.start - (item.end - item.start) * 0.08, item.end + (item.end - item.start) * 0.08);
		else
			view(0, total);
	});
	document.getElementById("fit").onclick = () => view(0, total);
	document.getElementById("in").onclick = () => zoom(0.5, (from + to) / 2);
	document.getElementById("out").onclick = () => zoom(2, (from + to) / 2);
	filter.addEventListener("input", function () {
		const words = filter.value.toLowerCase().split(/\s+/);
		for (const item of items) {
			const text = item.g.querySelector("title").textContent.toLowerCase();
			item.g.classList.toggle("faint", !words.every(word => text.includes(word)));
		}
	});
	window.addEventListener("resize", fit);
	fit();
})();
