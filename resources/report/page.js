(function () {
  "use strict";
  var holder = document.getElementById("data");
  var data = holder ? JSON.parse(holder.textContent) : window.switchyardData || { figures: {}, tables: {} };
  var dark = window.matchMedia && matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
  var darkConfig = { background: null, axis: { labelColor: "#dcdee2", titleColor: "#dcdee2", gridColor: "#303235", domainColor: "#73747a", tickColor: "#73747a" },
    legend: { labelColor: "#dcdee2", titleColor: "#dcdee2" }, text: { color: "#dcdee2" } };

  function drawFigure(box) {
    var spec = data.figures[box.dataset.figure];
    if (!spec || box.dataset.drawn) return Promise.resolve();
    box.dataset.drawn = "1";
    return vegaEmbed(box, spec, { renderer: "svg", config: dark ? darkConfig : { background: null },
      actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false } })
      .catch(function (problem) { box.textContent = "This figure could not be drawn: " + problem.message; console.error(problem); });
  }

  function shown(value) {
    if (value === null) return "";
    if (typeof value !== "number" || Number.isInteger(value)) return String(value);
    var size = Math.abs(value);
    return size !== 0 && (size < 1e-4 || size >= 1e7) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
  }
  var hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
  function visible(text) {
    return text.replace(hidden, function (c) { return "[U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "]"; });
  }
  function csvField(value) {
    var text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function element(name, text, parent) {
    var node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  function drawTable(section) {
    var table = data.tables[section.dataset.table];
    if (!table) return;
    var rows = table.rows, limit = 100, sorted = null, direction = 1, filter = "";
    var tools = element("div", undefined, section); tools.className = "tools";
    var search = element("input", undefined, tools);
    search.type = "search"; search.placeholder = "Filter rows"; search.setAttribute("aria-label", "Filter rows of " + table.name);
    var save = element("button", "Download CSV", tools); save.type = "button";
    var count = element("span", "", tools); count.setAttribute("aria-live", "polite");
    var more = element("button", "Show all", tools); more.type = "button";
    var scroll = element("div", undefined, section); scroll.className = "scroll"; scroll.tabIndex = 0;
    var grid = element("table", undefined, scroll), head = element("tr", undefined, element("thead", undefined, grid));
    var body = element("tbody", undefined, grid);
    var numeric = table.columns.map(function (_, c) { return rows.some(function (r) { return typeof r[c] === "number"; }); });
    table.columns.forEach(function (column, c) {
      var cell = element("th", undefined, head);
      cell.scope = "col"; cell.title = column[2];
      if (numeric[c]) cell.className = "number";
      var button = element("button", undefined, cell);
      button.type = "button";
      (column[0] + (column[1] ? " (" + column[1] + ")" : "")).split("_").forEach(function (word, w) {
        if (w) { button.appendChild(document.createTextNode("_")); element("wbr", undefined, button); }
        button.appendChild(document.createTextNode(word));
      });
      button.addEventListener("click", function () {
        direction = sorted === c ? -direction : 1; sorted = c;
        Array.prototype.forEach.call(head.children, function (h) { h.removeAttribute("aria-sort"); });
        cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        fill();
      });
    });
    function order(a, b) {
      var x = a[sorted], y = b[sorted];
      if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
      if (typeof x === "number" && typeof y === "number") return direction * (x - y);
      x = String(x); y = String(y);
      return x === y ? 0 : direction * (x < y ? -1 : 1);
    }
    function fill() {
      var kept = filter ? rows.filter(function (r) { return r.some(function (v) { return v !== null && String(v).toLowerCase().indexOf(filter) >= 0; }); }) : rows;
      if (sorted !== null) kept = kept.slice().sort(order);
      body.textContent = "";
      kept.slice(0, limit).forEach(function (row) {
        var line = element("tr", undefined, body);
        row.forEach(function (value, c) {
          var cell = element("td", undefined, line);
          if (numeric[c]) { cell.className = "number"; cell.textContent = shown(value); if (value !== null) cell.title = String(value); }
          else { element("bdi", value === null ? "" : visible(String(value)), cell); }
        });
      });
      count.textContent = Math.min(limit, kept.length) + " of " + rows.length + " rows";
      more.hidden = kept.length <= limit;
      scroll.classList.toggle("long", Math.min(limit, kept.length) > 30);
    }
    search.addEventListener("input", function () { filter = search.value.toLowerCase(); fill(); });
    more.addEventListener("click", function () { limit = Infinity; fill(); });
    save.addEventListener("click", function () {
      var text = [table.columns.map(function (c) { return csvField(c[0]); })].concat(rows.map(function (r) { return r.map(csvField); }))
        .map(function (line) { return line.join(","); }).join("\n") + "\n";
      var link = element("a"); link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = table.name + ".csv"; link.click(); URL.revokeObjectURL(link.href);
    });
    fill();
  }

  Array.prototype.forEach.call(document.querySelectorAll("section.table"), drawTable);
  var boxes = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  (function next() { var box = boxes.shift(); if (box) drawFigure(box).then(function () { setTimeout(next, 0); }); else document.documentElement.dataset.drawn = "1"; })();
})();
