// Where the calendar is scrolled to, kept when it is drawn anew because somebody booked, or for another day.
let place = null;

export function keepPlace(grid) {
  if (place) Object.assign(grid, place);
  const note = () => (place = { scrollTop: grid.scrollTop, scrollLeft: grid.scrollLeft });
  grid.addEventListener("scroll", note, { passive: true });
}
