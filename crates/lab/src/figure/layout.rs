//! Where everything of a figure lies, in pixels from its upper left corner.

use super::axis::{Places, formatter, tick_count};
use super::legend::{self, Entry};
use super::style::{SMALL, TEXT, TITLE, WIDTH};
use super::text::{widest, wrap};
use super::{Axis, Better, Figure, Layer, Panel};

/// Room about a figure, at the right of a panel, and between two rows of panels.
pub(super) const EDGE: f64 = 10.0;
const GUTTER: f64 = 16.0;
/// Heights of lines of text.
pub(super) const TITLE_LINE: f64 = 23.0;
pub(super) const TEXT_LINE: f64 = 16.0;
pub(super) const SMALL_LINE: f64 = 15.0;
/// Pixels of a category on a vertical axis, and of the lowest plot, at the least.
const CATEGORY: f64 = 17.0;
const LOWEST: f64 = 70.0;
/// Pixels for one tick and its label on a vertical axis.
const TICK_HEIGHT: f64 = 40.0;
/// Ticks on a horizontal axis, at the most.
const MOST_TICKS: usize = 9;
/// Pixels of a panel that are not its plot's, for a guess.
const AROUND: f64 = 45.0;
/// Room between two labels on a horizontal axis, and between labels and their axis.
const BETWEEN_LABELS: f64 = 10.0;
pub(super) const TO_LABELS: f64 = 6.0;

/// Rows of a legend: entries with the pixels at which they start.
pub(super) type LegendRows = Vec<Vec<(f64, Entry)>>;

/// A figure's parts from top to bottom.
pub(super) struct Layout {
    pub(super) title: Vec<String>,
    /// The legend of all panels; empty where panels have their own.
    pub(super) legend: LegendRows,
    pub(super) frames: Vec<Frame>,
    pub(super) caption: Vec<String>,
    /// Where the title, the legend and the caption start.
    pub(super) tops: [f64; 3],
    pub(super) height: f64,
}

/// A panel's parts.
pub(super) struct Frame {
    /// Left end of the panel, and the top of its heading.
    pub(super) corner: (f64, f64),
    /// Right end of the panel.
    pub(super) end: f64,
    pub(super) heading: Vec<String>,
    pub(super) legend: LegendRows,
    /// The area inside the axes: left, top, right, bottom.
    pub(super) plot: [f64; 4],
    pub(super) x: Side,
    pub(super) y: Side,
}

/// An axis with its text.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) ends: (f64, f64),
    /// About how many ticks there are.
    pub(super) count: usize,
    /// Whether ticks are labelled: not where the panel at the left has the same categories.
    pub(super) is_labelled: bool,
    /// The lines of the names of categories, in their order; empty on an axis of numbers and on vertical axes.
    pub(super) categories: Vec<Vec<String>>,
    /// Pixels of the labels of ticks across the axis.
    pub(super) labels: f64,
    /// The lines of the axis's name.
    pub(super) name: Vec<String>,
}

impl Layout {
    pub(super) fn of(figure: &Figure) -> Self {
        let room = WIDTH - 2.0 * EDGE;
        let title = wrap(figure.title.text(), TITLE, room);
        let shared = legend::of_figure(figure);
        let own = shared.is_none();
        let legend = legend::rows(&shared.unwrap_or_default(), room);
        let caption = wrap(&figure.caption, SMALL, room);
        let legend_top = EDGE + TITLE_LINE * title.len() as f64 + 4.0;
        let mut top = legend_top + legend::ROW * legend.len() as f64 + 4.0;
        let frames = frames(figure, own, &mut top);
        let height = top + SMALL_LINE * caption.len() as f64 + EDGE;
        let tops = [EDGE, legend_top, top];
        Self { title, legend, frames, caption, tops, height: height.ceil() }
    }
}

/// Returns the frames of all panels, axes of a row and of a column in line, and moves `top` below them.
fn frames(figure: &Figure, own_legends: bool, top: &mut f64) -> Vec<Frame> {
    let height = f64::from(figure.height);
    let ranges: Vec<_> = figure.panels.iter().map(super::range::of).collect();
    let verticals: Vec<Side> = (0..figure.panels.len())
        .map(|i| vertical(&figure.panels[i], left_of(figure, i), ranges[i].1, height))
        .collect();
    let columns = Columns::of(figure, &verticals);
    let mut frames = Vec::new();
    for (row, panels) in figure.panels.chunks(figure.columns).enumerate() {
        let first = row * figure.columns;
        let mut parts = Vec::new();
        for (column, panel) in panels.iter().enumerate() {
            let entries = if own_legends { legend::of_panel(panel) } else { Vec::new() };
            let legend = legend::rows(&entries, columns.plot);
            let cell = columns.cell(column);
            let heading = wrap(&panel.title, TEXT, cell);
            parts.push((
                heading,
                legend,
                horizontal(&panel.x, ranges[first + column].0, &columns, cell),
            ));
        }
        let heading = |(heading, legend, _): &(Vec<String>, LegendRows, Side)| {
            TEXT_LINE * heading.len() as f64 + legend::ROW * legend.len() as f64 + 4.0
        };
        let heading = parts.iter().map(heading).fold(0.0, f64::max);
        let foot = parts.iter().map(|(_, _, x)| x.across()).fold(0.0, f64::max);
        let plot = plot_height(panels, height - heading - foot, columns.plot);
        for (column, (text, legend, x)) in parts.into_iter().enumerate() {
            let left = columns.starts[column];
            let plot_left = left + columns.lefts[column];
            let inside =
                [plot_left, *top + heading, plot_left + columns.plot, *top + heading + plot];
            let end = left + columns.cell(column);
            let y = verticals[first + column].clone();
            frames.push(Frame {
                corner: (left, *top),
                end,
                heading: text,
                legend,
                plot: inside,
                x,
                y,
            });
        }
        *top += heading + plot + foot + GUTTER;
    }
    frames
}

/// Returns the panel at the left of one.
fn left_of(figure: &Figure, i: usize) -> Option<&Panel> {
    (!i.is_multiple_of(figure.columns)).then(|| &figure.panels[i - 1])
}

/// Where the columns of panels start, the room that each needs left of its plots, and the width of all plots.
struct Columns {
    starts: Vec<f64>,
    lefts: Vec<f64>,
    plot: f64,
}

impl Columns {
    fn of(figure: &Figure, verticals: &[Side]) -> Self {
        let left = |column| {
            let sides = verticals.iter().skip(column).step_by(figure.columns);
            sides.map(Side::across).fold(0.0, f64::max)
        };
        let lefts: Vec<f64> = (0..figure.columns).map(left).collect();
        let count = figure.columns as f64;
        let plot = (WIDTH - 2.0 * EDGE - lefts.iter().sum::<f64>()) / count - GUTTER;
        let start = |column: usize| {
            EDGE + lefts[..column].iter().sum::<f64>() + (plot + GUTTER) * column as f64
        };
        Self { starts: (0..figure.columns).map(start).collect(), lefts, plot }
    }

    /// Pixels of a panel with the names of its vertical axis.
    fn cell(&self, column: usize) -> f64 {
        self.lefts[column] + self.plot
    }
}

/// Returns the height of the plots of a row: what is left of the figure's, what categories need, or what pictures fill.
fn plot_height(panels: &[Panel], left: f64, width: f64) -> f64 {
    let lines = |layer: &Layer| match layer {
        Layer::Tiles(tiles) => tiles.iter().map(|tile| tile.text.len()).max().unwrap_or(1),
        _ => 1,
    };
    let categories = |panel: &Panel| {
        let lines = panel.layers.iter().map(lines).max().unwrap_or(1);
        CATEGORY * (lines * panel.y.categories.len()) as f64
    };
    let picture = |layer: &Layer| match layer {
        Layer::Picture { width: across, pixels } => Some((*across, pixels.len() / across)),
        Layer::ColourPicture { width: across, pixels } => Some((*across, pixels.len() / across)),
        _ => None,
    };
    let filled = |panel: &Panel| {
        let (across, rows) = panel.layers.iter().find_map(picture)?;
        Some(side_of_pixel(width / across as f64) * rows as f64)
    };
    let pictures: Option<Vec<f64>> =
        panels.iter().filter(|p| !p.layers.is_empty()).map(filled).collect();
    match pictures {
        Some(heights) if !heights.is_empty() => heights.into_iter().fold(0.0, f64::max),
        _ => panels.iter().map(categories).fold(left.max(LOWEST), f64::max),
    }
}

/// Returns the side of a picture's pixel where there is room for so much of it: whole where that is more than one.
pub(super) fn side_of_pixel(room: f64) -> f64 {
    if room < 1.0 { room } else { room.floor() }
}

impl Side {
    /// Pixels from the plot to the end of the axis's name.
    pub(super) fn across(&self) -> f64 {
        let labels = if self.labels > 0.0 { self.labels + TO_LABELS } else { 0.0 };
        let name = TEXT_LINE * self.name.len() as f64;
        labels + if self.name.is_empty() { 0.0 } else { name + 4.0 }
    }
}

/// Returns the name of an axis with a sign at its better end.
fn name_of(axis: &Axis) -> String {
    match axis.better {
        None => axis.label.clone(),
        Some(Better::Low) => format!("← better: {}", axis.label),
        Some(Better::High) => format!("{}: better →", axis.label),
    }
}

fn vertical(panel: &Panel, left: Option<&Panel>, ends: (f64, f64), height: f64) -> Side {
    let axis = &panel.y;
    let is_labelled =
        axis.categories.is_empty() || left.is_none_or(|left| left.y.categories != axis.categories);
    let count = tick_count(axis, height - LOWEST, TICK_HEIGHT);
    let labels = if is_labelled { labels(axis, ends, count) } else { Vec::new() };
    Side {
        ends,
        count,
        is_labelled,
        categories: Vec::new(),
        labels: widest(&labels, SMALL),
        name: wrap(&name_of(axis), TEXT, (height - AROUND).max(LOWEST)),
    }
}

fn horizontal(axis: &Axis, ends: (f64, f64), columns: &Columns, cell: f64) -> Side {
    let plot = columns.plot;
    let name = wrap(&name_of(axis), TEXT, cell);
    let bare =
        Side { ends, count: 0, is_labelled: true, categories: Vec::new(), labels: 0.0, name };
    if !axis.ticks {
        return bare;
    }
    if !axis.categories.is_empty() {
        let slot = plot / axis.categories.len() as f64 - 4.0;
        let categories: Vec<_> =
            axis.categories.iter().map(|name| wrap(name, SMALL, slot)).collect();
        let lines = categories.iter().map(Vec::len).max().unwrap_or(0);
        let labels = SMALL_LINE * lines as f64;
        return Side { count: axis.categories.len(), categories, labels, ..bare };
    }
    // As many ticks as have room for the widest of their labels.
    let fits = |count: &usize| {
        let labels = labels(axis, ends, *count);
        (widest(&labels, SMALL) + BETWEEN_LABELS) * labels.len() as f64 <= plot
    };
    let count = (2..=MOST_TICKS).rev().find(fits).unwrap_or(2);
    Side { count, labels: SMALL_LINE, ..bare }
}

fn labels(axis: &Axis, ends: (f64, f64), count: usize) -> Vec<String> {
    if !axis.ticks {
        return Vec::new();
    }
    Places::of(axis, ends, count).ticks.iter().map(formatter(axis, ends)).collect()
}
