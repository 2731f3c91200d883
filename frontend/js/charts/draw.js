import { BarChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { option } from "./option.js";

use([AriaComponent, BarChart, LineChart, PieChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Draws one chart and keeps it in step with its box, the colours of the page and the reader's wish for calm. */
export function draw(element, data) {
  const chart = init(element);
  let width = element.clientWidth;
  const paint = () => chart.setOption({ ...option(data, look(element)), animation: false }, true);
  chart.setOption(option(data, look(element)));
  new ResizeObserver(() => {
    chart.resize();
    if (element.clientWidth !== width) paint();
    width = element.clientWidth;
  }).observe(element);
  for (const wish of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(prefers-reduced-motion: reduce)"]) {
    matchMedia(wish).addEventListener("change", paint);
  }
}

/** Colours and type from our tokens, so that charts follow the theme. Canvas knows no custom properties. */
function look(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    series: [1, 2, 3, 4, 5].map((number) => token(`series-${number}`)),
    ink: token("ink"),
    muted: token("ink-muted"),
    hairline: token("hairline"),
    card: token("card"),
    font: style.fontFamily,
    width: element.clientWidth,
    size: parseFloat(getComputedStyle(document.documentElement).fontSize),
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}
