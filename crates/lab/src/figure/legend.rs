//! What labels of layers mean, above one panel or once above all.

use super::style::TEXT;
use super::text::width;
use super::{Colour, Figure, Layer, Panel};

/// One line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) label: String,
    pub(super) colour: Colour,
    /// How the layers of this label are drawn.
    pub(super) line: Option<Stroke>,
    pub(super) dot: bool,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stroke {
    Whole,
    Dashed,
}

/// Pixels of the sign before a label, and between two entries.
pub(super) const SIGN: f64 = 22.0;
const GAP: f64 = 16.0;
/// Pixels of a row.
pub(super) const ROW: f64 = 18.0;

/// Returns the labels of a panel, each once.
pub(super) fn of_panel(panel: &Panel) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for layer in &panel.layers {
        let (label, colour, line, dot) = match layer {
            Layer::Line { label, colour, .. } => (label, *colour, Some(Stroke::Whole), false),
            Layer::Dots { label, colour, .. } => (label, *colour, None, true),
            Layer::Vertical { label, .. } | Layer::Horizontal { label, .. } => {
                (label, Colour::Grey, Some(Stroke::Dashed), false)
            }
            _ => continue,
        };
        if label.is_empty() {
            continue;
        }
        match entries.iter_mut().find(|entry| entry.label == *label && entry.colour == colour) {
            Some(entry) => {
                entry.line = entry.line.or(line);
                entry.dot |= dot;
            }
            None => entries.push(Entry { label: label.clone(), colour, line, dot }),
        }
    }
    entries
}

/// Returns one legend for all panels; none where a colour or a label means two things in two of them.
pub(super) fn of_figure(figure: &Figure) -> Option<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::new();
    for entry in figure.panels.iter().flat_map(of_panel) {
        let is_same = |other: &Entry| other.label == entry.label && other.colour == entry.colour;
        let clashes = |other: &Entry| {
            let coloured = entry.colour != Colour::Grey && other.colour == entry.colour;
            !is_same(other) && (other.label == entry.label || coloured)
        };
        if all.iter().any(clashes) {
            return None;
        }
        match all.iter_mut().find(|other| is_same(other)) {
            Some(other) => {
                other.line = other.line.or(entry.line);
                other.dot |= entry.dot;
            }
            None => all.push(entry),
        }
    }
    Some(all)
}

/// Returns entries with the pixels at which they start, row by row, none wider than the room unless it stands alone.
pub(super) fn rows(entries: &[Entry], room: f64) -> Vec<Vec<(f64, Entry)>> {
    let mut rows: Vec<Vec<(f64, Entry)>> = Vec::new();
    let mut end = f64::INFINITY;
    for entry in entries {
        let wide = SIGN + width(&entry.label, TEXT);
        if end + wide > room {
            rows.push(Vec::new());
            end = 0.0;
        }
        rows.last_mut().expect("there is a row").push((end, entry.clone()));
        end += wide + GAP;
    }
    rows
}
