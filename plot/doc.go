// Package plot draws the figures that a run, a sweep and a search leave behind, as PNG.
//
//   - Raster: the spikes of one or more populations over time.
//   - Curve: measures over one swept parameter, a panel for each unit.
//   - Heat: one measure over two swept parameters.
//   - Cloud, Panels: one measure at points that are no grid, of two parameters and
//     of more.
//   - Search: what a search has tried, in its order and over each parameter.
//
// It drives gonum.org/v1/plot and adds what these figures need beyond it: ticks
// at round numbers, labels that are shortened before they could be clipped, and
// values that are not finite left out. The colours of lines and points are those
// of Okabe and Ito (2008), Color Universal Design, which readers with any form
// of colour vision can tell apart; the colour map is matplotlib's viridis, of
// which every shade is lighter than the one before.
//
// The same arguments give the same bytes. A file is written beside its final
// name first and renamed when it is whole.
package plot
