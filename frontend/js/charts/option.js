const SHAPES = {
  bar: { type: "bar" },
  bars: { type: "bar" },
  bars_stacked: { type: "bar", stack: "all" },
  stacked: { type: "bar", stack: "all" },
  line: { type: "line", symbolSize: 7 },
  area: { type: "line", areaStyle: { opacity: 0.12 }, symbolSize: 6 },
  step: { type: "line", step: "end", symbolSize: 6 },
  scatter: { type: "scatter", symbolSize: 9 },
};

/** Our small chart description -> an ECharts option. */
export function option(data, look) {
  return {
    color: look.series,
    animation: !look.still,
    animationDuration: 400,
    aria: { enabled: true, label: { enabled: false }, decal: { show: data.series.length > 1, decals: patterns(look) } },
    textStyle: { fontFamily: look.font, fontSize: look.size * 0.8125, color: look.muted },
    tooltip: tooltip(data, look),
    legend: legend(data, look),
    ...(data.kind === "pie" ? pie(data, look) : axes(data, look)),
  };
}

/** Each series has a pattern of its own, so that nobody needs its colour to know it. The first stays plain. */
function patterns(look) {
  const drawn = { color: look.card, symbolSize: 1 };
  return [
    { symbol: "none" },
    { ...drawn, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
    { ...drawn, symbol: "circle", symbolSize: 0.7, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
    { ...drawn, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
    { ...drawn, dashArrayX: [1, 0], dashArrayY: [3, 3] },
    { ...drawn, dashArrayX: [3, 3], dashArrayY: [1, 0] },
  ];
}

function axes(data, look) {
  const named = { type: "category", data: data.categories, ...axisLook(look), splitLine: { show: false } };
  const beside = { ...named, inverse: true, axisLabel: { ...named.axisLabel, width: look.width * 0.36, overflow: "break", interval: 0 } };
  const counted = {
    type: "value", name: data.unit, minInterval: data.whole ? 1 : 0, splitNumber: look.width < 480 ? 3 : 5, ...axisLook(look), axisLine: { show: false },
  };
  const sideways = data.kind.startsWith("bars");
  const scatter = data.kind === "scatter";
  const below = { nameLocation: "middle", nameGap: look.size * 2 };
  const x = scatter ? { ...counted, ...below, name: data.x_label } : sideways ? { ...counted, ...below } : named;
  const y = scatter ? { ...counted, name: data.y_label } : sideways ? beside : counted;
  return {
    grid: { left: 4, right: look.size, top: sideways ? look.size : look.size * 2.5, bottom: room(data, sideways || scatter) * look.size, containLabel: true },
    xAxis: x,
    yAxis: y,
    series: data.series.map((series) => ({
      ...SHAPES[data.kind], name: series.name, data: series.values, barMaxWidth: look.size * 2, lineStyle: { width: 2.5 },
    })),
  };
}

/** What stands below the plot: the unit of an axis that lies, and the legend. */
function room(data, named) {
  return (named && (data.unit || data.x_label) ? 1.75 : 0.25) + (data.series.length > 1 ? 2.25 : 0);
}

function pie(data, look) {
  const [series] = data.series;
  const slices = data.categories.map((name, index) => ({ name, value: series.values[index] }));
  return {
    series: [{
      type: "pie", name: series.name, radius: ["48%", "72%"], data: slices,
      itemStyle: { borderColor: look.card, borderWidth: 2 }, label: { color: look.ink, formatter: "{b} {d}%" },
    }],
  };
}

function axisLook(look) {
  return {
    axisLine: { lineStyle: { color: look.muted } },
    axisTick: { show: false },
    axisLabel: { color: look.muted, fontSize: look.size * 0.8125, hideOverlap: true },
    nameTextStyle: { color: look.muted, fontSize: look.size * 0.8125 },
    splitLine: { lineStyle: { color: look.hairline } },
  };
}

/** Rich text, because HTML tooltips write style attributes, which our policy forbids. */
function tooltip(data, look) {
  return {
    trigger: ["pie", "scatter"].includes(data.kind) ? "item" : "axis",
    renderMode: "richText",
    confine: true,
    backgroundColor: look.card,
    borderColor: look.muted,
    borderWidth: 1,
    textStyle: { color: look.ink, fontFamily: look.font, fontSize: look.size * 0.875 },
    axisPointer: { type: data.kind === "line" ? "line" : "shadow", lineStyle: { color: look.muted } },
    valueFormatter: (value) => (value === null || value === undefined ? "–" : `${Number(value).toLocaleString()} ${data.unit ?? ""}`),
  };
}

function legend(data, look) {
  const needed = data.series.length > 1 || data.kind === "pie";
  return { show: needed, bottom: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: { color: look.ink } };
}
