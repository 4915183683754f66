//! Charts as data, and their drawing. The only folder that knows plotters.
//!
//! An experiment returns [`Figure`]s, which are plain data that tests can look at; [`Figure::write`] draws
//! them. Nothing here trains or reads results. Every figure is as wide as the column of a README, so that its text is read
//! at the size that it is drawn in.

mod axis;
mod draw;
mod gif;
mod layout;
mod legend;
mod marker;
mod pixels;
mod range;
mod style;
mod text;
mod title;

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::files::write_atomically;

pub use gif::Animation;
pub use title::Title;

/// A colour of the palette of Okabe and Ito, which colour-blind readers can tell apart, and the marker that goes with it
/// for those who see no colours: no two colours share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Black.
    Black,
    /// Orange.
    Orange,
    /// Sky blue.
    SkyBlue,
    /// Bluish green.
    Green,
    /// Yellow.
    Yellow,
    /// Blue.
    Blue,
    /// Vermillion.
    Vermillion,
    /// Reddish purple.
    Purple,
    /// A grey for what is only context.
    Grey,
}

/// The colours of what has none of its own, in order.
pub const SERIES: [Colour; 8] = [
    Colour::Blue,
    Colour::Vermillion,
    Colour::Green,
    Colour::Orange,
    Colour::Purple,
    Colour::SkyBlue,
    Colour::Black,
    Colour::Yellow,
];

/// How numbers become positions on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// In proportion.
    Linear,
    /// By their logarithm; for positive numbers.
    Log,
    /// In proportion near zero and by logarithm beyond this size, on both sides.
    SymLog(f64),
}

/// One axis of a panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// Name with unit; empty for none.
    pub label: String,
    /// How numbers become positions.
    pub scale: Scale,
    /// Ends, where they are not those of the data.
    pub range: Option<(f64, f64)>,
    /// Names of the positions 0, 1, 2, ..., for an axis of categories.
    pub categories: Vec<String>,
    /// Whether ticks and their labels are drawn.
    pub ticks: bool,
    /// Which end is the better one, if the axis has one.
    pub better: Option<Better>,
}

/// The better end of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Small numbers.
    Low,
    /// Large numbers.
    High,
}

impl Axis {
    /// Returns a linear axis whose ends are those of the data.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            range: None,
            categories: Vec::new(),
            ticks: true,
            better: None,
        }
    }

    /// Returns the axis with a sign that smaller numbers are better.
    pub fn low_is_better(self) -> Self {
        Self { better: Some(Better::Low), ..self }
    }

    /// Returns the axis with a sign that larger numbers are better.
    pub fn high_is_better(self) -> Self {
        Self { better: Some(Better::High), ..self }
    }

    /// Returns the axis with these ends.
    pub fn within(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Returns the axis on another scale.
    pub fn scaled(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Returns an axis of categories.
    pub fn of(categories: Vec<String>) -> Self {
        let range = Some((-0.5, categories.len() as f64 - 0.5));
        Self { range, categories, ..Self::new("") }
    }

    /// Returns an axis without label or ticks.
    pub fn bare(low: f64, high: f64) -> Self {
        Self { ticks: false, ..Self::new("").within(low, high) }
    }
}

/// Something drawn in a panel, in the order given.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// A line through points; an empty label stays out of the legend.
    Line {
        /// Name in the legend.
        label: String,
        /// Colour.
        colour: Colour,
        /// Points in order.
        points: Vec<(f64, f64)>,
    },
    /// The area between two curves over the same abscissas: (x, low, high).
    Band {
        /// Colour, drawn transparent.
        colour: Colour,
        /// Abscissa and both ends.
        points: Vec<(f64, f64, f64)>,
    },
    /// Points.
    Dots {
        /// Name in the legend.
        label: String,
        /// Colour.
        colour: Colour,
        /// Radius in pixels; from three on a dot is the marker of its colour.
        radius: u32,
        /// Opacity from 0 to 1.
        opacity: f64,
        /// The points.
        points: Vec<(f64, f64)>,
    },
    /// A horizontal bar with a tick at the estimate: (y, low, estimate, high).
    Interval {
        /// Colour.
        colour: Colour,
        /// Height and the three abscissas.
        at: (f64, f64, f64, f64),
    },
    /// A dashed vertical line.
    Vertical {
        /// Name in the legend.
        label: String,
        /// Abscissa.
        x: f64,
    },
    /// A dashed horizontal line.
    Horizontal {
        /// Name in the legend.
        label: String,
        /// Ordinate.
        y: f64,
    },
    /// Stacked areas of shares that sum to 1: at each abscissa the share of every part.
    Shares {
        /// Abscissas.
        steps: Vec<f64>,
        /// For each abscissa the shares of the parts.
        shares: Vec<Vec<f64>>,
    },
    /// A grey picture that fills the panel.
    Picture {
        /// Pixels per row.
        width: usize,
        /// Grey values, 0 black to 255 white, row by row from the top.
        pixels: Vec<u8>,
    },
    /// A picture in colours that fills the panel.
    ColourPicture {
        /// Pixels per row.
        width: usize,
        /// Red, green and blue, row by row from the top.
        pixels: Vec<[u8; 3]>,
    },
    /// Cells of a table on two axes of categories, shaded by a share and written into.
    Tiles(Vec<Tile>),
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tile {
    /// The categories of both axes.
    pub at: (usize, usize),
    /// From 0, white, to 1, the darkest.
    pub shade: f64,
    /// One line above another.
    pub text: Vec<String>,
}

/// One chart with its axes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// Line above it.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// What is drawn. Labels stand in a legend above the panel, or once above all panels whose labels are the same.
    pub layers: Vec<Layer>,
}

/// A grid of panels under a title, with a caption below.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// File name without its end.
    pub name: String,
    /// Line above.
    pub title: Title,
    /// What is shown: number of seeds, what bands and bars are.
    pub caption: String,
    /// Panels per row; together they are 800 pixels wide.
    pub columns: usize,
    /// Pixels of a panel from its title to the name of its horizontal axis, at the least: categories get the room that their
    /// names need.
    pub height: u32,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

impl Figure {
    /// Returns the name of the figure's file: SVG, or PNG where it shows pictures.
    pub fn file_name(&self) -> String {
        let extension = if self.has_pictures() { "png" } else { "svg" };
        format!("{}.{extension}", self.name)
    }

    fn has_pictures(&self) -> bool {
        let picture =
            |layer: &Layer| matches!(layer, Layer::Picture { .. } | Layer::ColourPicture { .. });
        self.panels.iter().any(|panel| panel.layers.iter().any(picture))
    }

    /// Draws the figure into a file of [`Figure::file_name`]; equal figures give equal bytes.
    ///
    /// # Errors
    /// If the data cannot be drawn, or the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let svg = draw::svg(self)?;
        let bytes = if self.has_pictures() { pixels::png(&svg)? } else { svg.into_bytes() };
        write_atomically(&folder.join(self.file_name()), &bytes)
    }
}
