// Charts of numbers that the page says in tables too: without scripts nothing is missing.
//
// Each <canvas data-chart="…"> names the JSON to draw: `labels` and one or more `sets`, each with
// `values` (decimal text), `texts` (what a bar says) and `links` (where a click on it leads).

const DAY = 86_400_000;
const charts = new Map();

/** Resolve a colour of tokens.css for the theme that is on. */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const isNarrow = () => matchMedia("(max-width: 639.98px)").matches;
const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const dayOf = (text) => Date.parse(text) / DAY; // a date without a time is midnight UTC

/** Return how the axis of the values is written. */
function ticks({ kind, locale, currency }) {
  if (kind === "columns") {
    const money = new Intl.NumberFormat(locale, { style: "currency", currency, notation: "compact" });
    return (value) => money.format(value);
  }
  if (kind === "bars") return (value) => `${value}%`;
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
  return (value) => {
    const day = new Date(value * DAY);
    return day.getUTCMonth() ? month.format(day) : String(day.getUTCFullYear());
  };
}

/** Return the first days of months, in even steps of at most `most`, from one day to another. */
function months(min, max, most) {
  const [start, end] = [new Date(min * DAY), new Date(max * DAY)];
  const monthOf = (date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
  const count = monthOf(end) - monthOf(start);
  const step = [1, 3, 6, 12, 24, 60, 120].find((one) => count / one <= most) ?? 240;
  const firsts = [];
  for (let month = Math.ceil((monthOf(start) + 1) / step) * step; month <= monthOf(end); month += step) {
    firsts.push({ value: Date.UTC(Math.floor(month / 12), month % 12) / DAY });
  }
  return firsts;
}

/** Return the first and the last day of an axis on which every span has room. */
function reach({ today, sets }) {
  const days = sets[0].values.flat().filter(Boolean).map(dayOf);
  const [first, last] = [Math.min(dayOf(today), ...days), Math.max(dayOf(today), ...days)];
  return { min: first, max: last + Math.max((last - first) * 0.04, 30) };
}

function dataset(chart, { label, values, colour: one, colours }) {
  const end = chart.kind === "spans" ? reach(chart).max : 0;
  return {
    label,
    data: values.map((value) =>
      Array.isArray(value) ? [dayOf(value[0]), value[1] ? dayOf(value[1]) : end] : Number(value),
    ),
    backgroundColor: colours ? colours.map(colour) : colour(one),
    borderRadius: 3,
    borderSkipped: false,
    maxBarThickness: chart.kind === "columns" ? 44 : 16,
    minBarLength: chart.kind === "spans" ? 2 : 0,
    barPercentage: 0.86,
    categoryPercentage: 0.76,
  };
}

/** A line where today is, on an axis of days. */
const todayLine = {
  id: "today",
  afterDatasetsDraw({ ctx, chartArea, scales }, _, { day }) {
    if (day === undefined) return;
    const x = scales.x.getPixelForValue(day);
    ctx.save();
    ctx.strokeStyle = colour("ink");
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
};

function axes(chart) {
  const most = isNarrow() ? 4 : 6;
  const words = { color: colour("muted"), font: { size: 13 } };
  const amounts = {
    beginAtZero: chart.kind !== "spans",
    ...(chart.kind === "spans" ? reach(chart) : {}),
    border: { display: false },
    grid: { color: colour("line") },
    ticks: { ...words, callback: ticks(chart), maxTicksLimit: most, maxRotation: 0 },
  };
  if (chart.kind === "spans") {
    amounts.afterBuildTicks = (axis) => {
      axis.ticks = months(axis.min, axis.max, most);
    };
  }
  const length = isNarrow() ? 14 : 26;
  const names = {
    border: { color: colour("control") },
    grid: { display: false },
    ticks: {
      ...words,
      autoSkip: chart.kind === "columns",
      maxRotation: 0,
      callback: (_, place) => shorten(chart.labels[place], length),
    },
  };
  return chart.kind === "columns" ? { x: names, y: amounts } : { x: amounts, y: names };
}

/** Return the address behind the bar under a click or the pointer, if it has one. */
function linkAt(chart, bars) {
  return bars.length ? chart.sets[bars[0].datasetIndex].links[bars[0].index] : "";
}

function plugins(chart) {
  const text = colour("ink");
  return {
    legend: {
      display: chart.sets.length > 1,
      align: "start",
      position: "bottom",
      onClick: null,
      labels: { color: text, boxWidth: 12, boxHeight: 12, font: { size: 13 } },
    },
    tooltip: {
      backgroundColor: colour("ink"),
      titleColor: colour("surface"),
      bodyColor: colour("surface"),
      displayColors: false,
      callbacks: {
        title: ([item]) => chart.labels[item.dataIndex],
        label: ({ datasetIndex, dataIndex }) => chart.sets[datasetIndex].texts[dataIndex],
      },
    },
    today: { day: chart.today && dayOf(chart.today) },
  };
}

function options(chart) {
  return {
    animation: false,
    indexAxis: chart.kind === "columns" ? "x" : "y",
    maintainAspectRatio: false,
    onClick: (_, bars) => {
      const link = linkAt(chart, bars);
      if (link) location.assign(link);
    },
    onHover: ({ native }, bars) => {
      native.target.style.cursor = linkAt(chart, bars) ? "pointer" : "";
    },
    plugins: plugins(chart),
    responsive: true,
    scales: axes(chart),
  };
}

function draw(canvas) {
  const chart = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  canvas.parentElement.classList.add("is-drawn");
  charts.set(
    canvas,
    new Chart(canvas, {
      type: "bar",
      data: { labels: chart.labels, datasets: chart.sets.map((set) => dataset(chart, set)) },
      options: options(chart),
      plugins: [todayLine],
    }),
  );
}

/** Leave the canvases as the server sent them: htmx keeps the page, and no style may stand in it. */
function clear() {
  for (const [canvas, chart] of charts) {
    chart.destroy();
    canvas.removeAttribute("style");
  }
  charts.clear();
}

function drawAll() {
  clear();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.querySelectorAll("canvas[data-chart]").forEach(draw);
}

drawAll();
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.querySelector("canvas[data-chart]")) drawAll();
});
document.addEventListener("htmx:historyRestore", drawAll);
document.addEventListener("htmx:beforeHistorySave", clear);
for (const query of ["(prefers-color-scheme: dark)", "(max-width: 639.98px)"]) {
  matchMedia(query).addEventListener("change", drawAll);
}
