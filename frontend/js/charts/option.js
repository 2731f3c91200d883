const SHAPES = {
  bar: { type: "bar" },
  bars: { type: "bar" },
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
    textStyle: { fontFamily: look.font, fontSize: look.size * 0.8125, color: look.muted },
    tooltip: tooltip(data, look),
    legend: legend(data, look),
    ...(data.kind === "pie" ? pie(data, look) : axes(data, look)),
  };
}

function axes(data, look) {
  const named = { type: "category", data: data.categories, ...axisLook(look), splitLine: { show: false } };
  const counted = { type: "value", name: data.unit, ...axisLook(look), axisLine: { show: false } };
  const sideways = data.kind === "bars";
  const scatter = data.kind === "scatter";
  const x = scatter ? { ...counted, name: data.x_label, nameLocation: "middle", nameGap: look.size * 2 } : sideways ? counted : named;
  const y = scatter ? { ...counted, name: data.y_label } : sideways ? { ...named, inverse: true } : counted;
  return {
    grid: { left: 4, right: look.size, top: look.size * 2.5, bottom: data.series.length > 1 || scatter ? look.size * 2.5 : 4, containLabel: true },
    xAxis: x,
    yAxis: y,
    series: data.series.map((series) => ({
      ...SHAPES[data.kind], name: series.name, data: series.values, barMaxWidth: look.size * 2, lineStyle: { width: 2.5 },
    })),
  };
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
    axisLabel: { color: look.muted, fontSize: look.size * 0.8125 },
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
