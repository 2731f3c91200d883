// Draws every [data-chart] of a page from the JSON beside it; ECharts itself is a chunk of its own, loaded when needed.
const drawings = [...document.querySelectorAll("[data-chart]")];

if (drawings.length) {
  const { draw } = await import("../charts/draw.js");
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      draw(target, JSON.parse(document.getElementById(target.dataset.chart).textContent));
    }
  }, { rootMargin: "200px" });
  for (const element of drawings) {
    element.hidden = false;
    observer.observe(element);
  }
}
