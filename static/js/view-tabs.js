// A row of tabs that is wider than the screen begins where its current tab is.
const showCurrent = () => {
  for (const tabs of document.querySelectorAll(".view-tabs")) {
    const current = tabs.querySelector("[aria-current]");
    if (current && tabs.scrollWidth > tabs.clientWidth) {
      const [whole, tab] = [tabs.getBoundingClientRect(), current.getBoundingClientRect()];
      tabs.scrollLeft += tab.left - whole.left - (whole.width - tab.width) / 2;
    }
  }
};

showCurrent();
