// The picture or its table: <button data-chart-view="plot|table"> inside .chart.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-view]");
  const chart = button?.closest(".chart");
  if (!chart) return;
  chart.classList.toggle("is-table", button.dataset.chartView === "table");
  for (const other of chart.querySelectorAll("[data-chart-view]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
});
