// Refreshes the page: fetches its sections, replaces those that changed, draws the history.
"use strict";
(() => {
  const kEvery = 3000, kTimeout = 10000;
  const shown = new Map(); // section -> its HTML
  const charts = new Map(); // canvas -> Chart
  const byId = (id) => document.getElementById(id);
  let announced = null, lastResponse = byId("connection").dataset.at; // the page itself was the first

  async function fetchJson(path) {
    const response = await fetch(path + document.body.dataset.query, {cache: "no-store", signal: AbortSignal.timeout(kTimeout)});
    if (!response.ok) throw new Error(response.status);
    return response.json();
  }

  // Focus and selection within a section are kept.
  function replace(element, html) {
    const focusable = () => [...element.querySelectorAll("a, button, input, summary, [tabindex]")];
    const focused = focusable().indexOf(document.activeElement);
    const open = [...element.querySelectorAll("details[open]")].map((details) => details.id);
    const scrolled = [...element.querySelectorAll(".scroll, .decisions")].map((box) => [box.scrollLeft, box.scrollTop]);
    element.innerHTML = html;
    open.forEach((id) => { if (byId(id)) byId(id).open = true; });
    element.querySelectorAll(".scroll, .decisions").forEach((box, i) => {
      if (scrolled[i]) [box.scrollLeft, box.scrollTop] = scrolled[i];
    });
    if (focused >= 0) focusable()[focused]?.focus({preventScroll: true});
  }

  function announce() {
    const words = [...document.querySelectorAll("[data-announce]")].map((card) => card.dataset.announce).join("; ");
    if (announced !== null && announced !== words) byId("announce").textContent = words;
    announced = words;
  }

  function connection(text, bad) {
    const element = byId("connection");
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("bad", bad);
  }

  function show(response) {
    for (const [id, html] of Object.entries(response.sections)) {
      if (shown.get(id) === html || !byId(id)) continue;
      replace(byId(id), html);
      shown.set(id, html);
    }
    lastResponse = response.at;
    announce();
    connection("as of " + response.at, false);
  }

  async function refresh() {
    const query = document.body.dataset.query;
    try {
      const response = await fetchJson("/api/v1/page");
      // The first target has appeared: another page.
      if ("targets" in response.sections !== (byId("targets") !== null)) return location.reload();
      if (query === document.body.dataset.query) show(response);
      if (byId("history")) await drawAll(await fetchJson("/api/v1/history"));
    } catch (error) {
      const gone = error.message === "400" ? "this tenant is not there" : "no response from chatscale";
      connection(gone + " since " + lastResponse + "; retrying", true);
    }
    setTimeout(refresh, kEvery);
  }

  // ---- charts

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 19) + " UTC";
  const plain = (value, unit) => Number(value.toPrecision(3)) + (unit === "seconds" ? " s" : "");
  const pairs = (at, values) => at.map((x, i) => ({x, y: values[i]}));

  function line(label, points, name, more) {
    return {label, data: points, borderColor: colour(name), backgroundColor: colour(name), borderWidth: 2, pointRadius: 0,
            pointHitRadius: 6, spanGaps: false, ...more};
  }

  function decisionsOf(component) {
    return [...document.querySelectorAll("#decisions li[data-at]")].filter((item) => item.dataset.component === component);
  }

  // What the recommendation was at a time.
  function valueAt(at, values, when) {
    let value = null;
    for (let i = 0; i < at.length && at[i] <= when; ++i) value = values[i];
    return value;
  }

  function replicaSets(at, service, component) {
    const markers = decisionsOf(component)
      .map((item) => ({x: Number(item.dataset.at), y: valueAt(at, service.desired, Number(item.dataset.at)), words: item.textContent}))
      .filter((point) => at.length && point.x >= at[0] && point.y !== null).reverse();
    return [
      line("current", pairs(at, service.current), "current", {stepped: "before", borderDash: [4, 3]}),
      line("desired", pairs(at, service.desired), "desired", {stepped: "before"}),
      line("decision", markers, "out", {showLine: false, pointRadius: 5, pointHoverRadius: 8, pointStyle: "triangle"}),
    ];
  }

  function signalSets(at, signal) {
    const sets = [line(signal.name, pairs(at, signal.values), "desired")];
    for (const threshold of signal.thresholds) {
      const ends = at.length ? [{x: at[0], y: threshold.value}, {x: at[at.length - 1], y: threshold.value}] : [];
      sets.push(line(threshold.direction === "out" ? "out above" : "in below", ends, threshold.direction, {borderDash: [6, 4], borderWidth: 1.5}));
    }
    return sets;
  }

  function optionsOf(unit) {
    const axis = {grid: {color: colour("line")}, border: {color: colour("line")}};
    return {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
      interaction: {mode: "nearest", axis: "x", intersect: false},
      scales: {
        x: {...axis, type: "linear", bounds: "data", ticks: {color: colour("faint"), maxTicksLimit: 5, maxRotation: 0, callback: (value) => clock(value).slice(0, 5)}},
        y: {...axis, beginAtZero: true, ticks: {color: colour("faint"), maxTicksLimit: 5, precision: unit === "replicas" ? 0 : undefined}},
      },
      plugins: {
        legend: {labels: {color: colour("text"), boxWidth: 18, boxHeight: 1}},
        tooltip: {callbacks: {
          title: (items) => (items.length ? clock(items[0].parsed.x) : ""),
          label: (item) => (item.raw.words ? item.raw.words.match(/.{1,60}(\s|$)/g) : item.dataset.label + ": " + plain(item.parsed.y, unit)),
        }},
      },
    };
  }

  function describe(canvas, values, unit) {
    const known = values.filter((value) => value !== null);
    const words = known.length
      ? "now " + plain(known[known.length - 1], unit) + ", from " + plain(Math.min(...known), unit) + " to " + plain(Math.max(...known), unit) + " in the last hour"
      : "not known in the last hour";
    canvas.setAttribute("aria-label", canvas.dataset.component + " " + canvas.dataset.chart + ": " + words);
  }

  function draw(canvas, datasets, unit) {
    const chart = charts.get(canvas);
    if (!chart) {
      charts.set(canvas, new Chart(canvas, {type: "line", data: {datasets}, options: optionsOf(unit)}));
      return;
    }
    chart.options = optionsOf(unit);
    chart.data.datasets.forEach((set, i) => Object.assign(set, datasets[i]));
    chart.data.datasets.length = Math.min(chart.data.datasets.length, datasets.length);
    for (let i = chart.data.datasets.length; i < datasets.length; ++i) chart.data.datasets.push(datasets[i]);
    chart.update("none");
  }

  async function drawAll(history) {
    for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
      const service = history.services[canvas.dataset.component];
      if (canvas.dataset.chart === "replicas") {
        draw(canvas, replicaSets(history.at, service, canvas.dataset.component), "replicas");
        describe(canvas, service.desired, "replicas");
        continue;
      }
      const signal = service.signals.find((each) => each.name === canvas.dataset.chart);
      if (!signal) continue;
      draw(canvas, signalSets(history.at, signal), signal.unit);
      describe(canvas, signal.values, signal.unit);
    }
  }

  // The decision that has the focus, or the pointer, is shown in its chart.
  function point(event) {
    const item = event.target.closest("#decisions li[data-at]");
    if (!item) return;
    const canvas = document.querySelector(`canvas[data-chart="replicas"][data-component="${item.dataset.component}"]`);
    const chart = charts.get(canvas);
    if (!chart) return;
    const index = chart.data.datasets[2].data.findIndex((marker) => marker.x === Number(item.dataset.at));
    const active = index < 0 ? [] : [{datasetIndex: 2, index}];
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, {x: 0, y: 0});
    chart.update("none");
  }
  document.addEventListener("focusin", point);
  document.addEventListener("mouseover", point);

  // Typing searches.
  const search = byId("search");
  if (search && byId("targets")) {
    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const query = "?q=" + encodeURIComponent(search.value);
        document.body.dataset.query = query;
        try {
          const response = await fetchJson("/api/v1/page");
          if (query === document.body.dataset.query) show(response);
        } catch (error) { /* refresh shows the error */ }
      }, 200);
    });
  }

  setTimeout(refresh, 200);
})();
