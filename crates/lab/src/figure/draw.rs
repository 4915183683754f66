//! From figures to SVG.

use std::io;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{Places, formatter};
use super::layout::{
    EDGE, Frame, Layout, LegendRows, SMALL_LINE, TEXT_LINE, TITLE_LINE, TO_LABELS, side_of_pixel,
};
use super::legend::{Entry, ROW, SIGN, Stroke};
use super::marker::corners;
use super::style::{FINE, SMALL, TEXT, TITLE, WIDTH, fine, font, prepare, rgb};
use super::text::widest;
use super::{Colour, Figure, Layer, Panel, SERIES, Tile};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<Places, Places>>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Pixels of a curve and of a marker on it or in a legend.
const CURVE: f64 = 1.8;
const MARKER: f64 = 3.6;
/// Markers on a curve of many points.
const MARKERS: usize = 6;
/// From this radius on a dot is a marker, below it a speck of a cloud.
const SMALLEST_MARKER: u32 = 3;
/// A curve of more points than this is a path of its own and has no markers.
const MOST_POINTS: usize = 400;
const INK: RGBColor = RGBColor(30, 30, 30);
const SOFT: RGBColor = RGBColor(80, 80, 80);

/// Returns a figure as the text of an SVG.
///
/// # Errors
/// If it cannot be drawn.
pub(super) fn svg(figure: &Figure) -> Result<String> {
    prepare();
    let layout = Layout::of(figure);
    let size = (fine(WIDTH) as u32, fine(layout.height) as u32);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&root, figure, &layout).map_err(|error| anyhow!("{error}"))?;
        root.present().map_err(|error| anyhow!("{error}"))?;
    }
    // Drawn in fine places, shown in pixels.
    let drawn = format!(r#"width="{}" height="{}""#, size.0, size.1);
    let shown = format!(r#"width="{WIDTH}" height="{}""#, layout.height);
    Ok(text.replacen(&drawn, &shown, 1))
}

fn draw(root: &Area, figure: &Figure, layout: &Layout) -> Drawn {
    root.fill(&WHITE)?;
    let [title, legend, caption] = layout.tops;
    write_lines(root, &layout.title, (EDGE, title), (TITLE, TITLE_LINE), INK)?;
    write_legend(root, &layout.legend, (EDGE, legend))?;
    write_lines(root, &layout.caption, (EDGE, caption), (SMALL, SMALL_LINE), SOFT)?;
    for (panel, frame) in figure.panels.iter().zip(&layout.frames) {
        draw_panel(root, panel, frame)?;
    }
    Ok(())
}

/// Writes lines one below the other, from an upper left corner.
fn write_lines(
    root: &Area,
    lines: &[String],
    (x, y): (f64, f64),
    (size, height): (f64, f64),
    colour: RGBColor,
) -> Drawn {
    for (i, line) in lines.iter().enumerate() {
        let at = (fine(x), fine(y + height * i as f64));
        root.draw(&Text::new(line.as_str(), at, font(size).color(&colour)))?;
    }
    Ok(())
}

fn write_legend(root: &Area, rows: &LegendRows, (x, y): (f64, f64)) -> Drawn {
    for (i, row) in rows.iter().enumerate() {
        let middle = y + ROW * (i as f64 + 0.5);
        for (start, entry) in row {
            draw_sign(root, entry, (x + start, middle))?;
            let style = font(TEXT).color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
            let at = (fine(x + start + SIGN), fine(middle));
            root.draw(&Text::new(entry.label.as_str(), at, style))?;
        }
    }
    Ok(())
}

fn draw_sign(root: &Area, entry: &Entry, (x, y): (f64, f64)) -> Drawn {
    let colour = rgb(entry.colour);
    let end = x + SIGN - 6.0;
    let ends = [(fine(x), fine(y)), (fine(end), fine(y))];
    match entry.line {
        Some(Stroke::Whole) => {
            root.draw(&PathElement::new(ends.to_vec(), colour.stroke_width(fine(CURVE) as u32)))?;
        }
        Some(Stroke::Dashed) => {
            let dashes = DashedPathElement::new(ends, fine(4.0), fine(3.0), dashes());
            root.draw(&dashes)?;
        }
        None => {}
    }
    if entry.dot || entry.line == Some(Stroke::Whole) {
        let at = (fine(f64::midpoint(x, end)), fine(y));
        draw_marker(root, at, (entry.colour, MARKER), 1.0)?;
    }
    Ok(())
}

fn dashes() -> ShapeStyle {
    SOFT.stroke_width(fine(1.0) as u32)
}

/// Draws a colour's marker of a radius in pixels at a place of an area.
fn draw_marker<CT: plotters::coord::CoordTranslate>(
    area: &DrawingArea<SVGBackend, CT>,
    at: CT::From,
    (colour, radius): (Colour, f64),
    opacity: f64,
) -> Drawn
where
    CT::From: Clone,
{
    let style = rgb(colour).mix(opacity).filled();
    let Some(corners) = corners(colour) else {
        return area.draw(&(EmptyElement::at(at) + Circle::new((0, 0), fine(radius), style)));
    };
    let place = |(x, y): (f64, f64)| (fine(radius * x), fine(radius * y));
    let outline: Vec<(i32, i32)> = corners.into_iter().map(place).collect();
    area.draw(&(EmptyElement::at(at) + Polygon::new(outline, style)))
}

fn draw_panel(root: &Area, panel: &Panel, frame: &Frame) -> Drawn {
    let [left, top, right, bottom] = frame.plot;
    let (x, y) = (&frame.x, &frame.y);
    // The plot and the labels of its ticks are plotters', all other text is written here.
    let label_width = if y.count > 0 { left - frame.corner.0 } else { 0.0 };
    let label_height = if x.count > 0 { SMALL_LINE + TO_LABELS } else { 0.0 };
    let corner = (fine(left - label_width) as u32, fine(top) as u32);
    let size = (fine(right - left + label_width) as u32, fine(bottom - top + label_height) as u32);
    let area = root.clone().shrink(corner, size);
    let mut chart = ChartBuilder::on(&area)
        .set_label_area_size(LabelAreaPosition::Left, fine(label_width))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(label_height))
        .build_cartesian_2d(
            Places::of(&panel.x, x.ends, x.count),
            Places::of(&panel.y, y.ends, y.count),
        )?;
    let format_x = formatter(&panel.x, x.ends);
    let format_x =
        |place: &f64| if x.categories.is_empty() { format_x(place) } else { String::new() };
    let format_y = formatter(&panel.y, y.ends);
    let format_y = |place: &f64| if y.is_labelled { format_y(place) } else { String::new() };
    if x.count + y.count > 0 {
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(BLACK.mix(0.035).stroke_width(fine(0.8) as u32))
            .bold_line_style(BLACK.mix(0.1).stroke_width(fine(0.8) as u32))
            .axis_style(BLACK.mix(0.5).stroke_width(fine(1.0) as u32))
            .label_style(font(SMALL).color(&INK))
            .set_all_tick_mark_size(fine(3.0))
            .x_label_formatter(&format_x)
            .y_label_formatter(&format_y);
        if !panel.y.categories.is_empty() {
            mesh.disable_y_mesh();
        }
        mesh.draw()?;
    }
    let layers = Layers { panel, frame, area: chart.plotting_area() };
    for layer in &panel.layers {
        layers.draw(layer)?;
    }
    write_around(root, frame)
}

/// Writes a panel's heading, legend, categories and names of axes.
fn write_around(root: &Area, frame: &Frame) -> Drawn {
    let [left, top, right, bottom] = frame.plot;
    let heading = frame.corner.1;
    // At the left of the plot, unless there is no room for it.
    let start = left.min(frame.end - widest(&frame.heading, TEXT)).max(frame.corner.0);
    write_lines(root, &frame.heading, (start, heading), (TEXT, TEXT_LINE), INK)?;
    write_legend(root, &frame.legend, (left, heading + TEXT_LINE * frame.heading.len() as f64))?;
    let centred = |size: f64| font(size).color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
    let slot = (right - left) / frame.x.categories.len().max(1) as f64;
    for (i, lines) in frame.x.categories.iter().enumerate() {
        for (j, line) in lines.iter().enumerate() {
            let x = left + slot * (i as f64 + 0.5);
            let y = bottom + TO_LABELS + SMALL_LINE * j as f64;
            root.draw(&Text::new(line.as_str(), (fine(x), fine(y)), centred(SMALL)))?;
        }
    }
    let below = bottom + if frame.x.labels > 0.0 { frame.x.labels + TO_LABELS } else { 0.0 } + 3.0;
    // In the middle of the plot, or as near to it as there is room.
    let middle = f64::midpoint(left, right).min(frame.end - widest(&frame.x.name, TEXT) / 2.0);
    for (i, line) in frame.x.name.iter().enumerate() {
        let at = (middle, below + TEXT_LINE * i as f64);
        root.draw(&Text::new(line.as_str(), (fine(at.0), fine(at.1)), centred(TEXT)))?;
    }
    for (i, line) in frame.y.name.iter().enumerate() {
        let upright = font(TEXT).transform(FontTransform::Rotate270).color(&INK);
        let style = upright.pos(Pos::new(HPos::Center, VPos::Top));
        let at = (left - frame.y.across() + TEXT_LINE * i as f64, f64::midpoint(top, bottom));
        root.draw(&Text::new(line.as_str(), (fine(at.0), fine(at.1)), style))?;
    }
    Ok(())
}

/// A panel whose layers are drawn inside its axes.
struct Layers<'a, 'b> {
    panel: &'a Panel,
    frame: &'a Frame,
    area: &'a Plot<'b>,
}

impl Layers<'_, '_> {
    fn draw(&self, layer: &Layer) -> Drawn {
        match layer {
            Layer::Line { colour, points, .. } => self.draw_curve(*colour, points),
            Layer::Band { colour, points } => {
                let upper = points.iter().map(|&(x, _, high)| (x, high));
                let lower = points.iter().rev().map(|&(x, low, _)| (x, low));
                let outline: Vec<_> = upper.chain(lower).filter_map(|p| self.place(p)).collect();
                self.area.draw(&Polygon::new(outline, rgb(*colour).mix(0.2)))
            }
            Layer::Dots { colour, radius, opacity, points, .. } => {
                let shown = points.iter().filter_map(|p| self.place(*p));
                shown.filter(|at| self.holds(*at)).try_for_each(|at| {
                    if *radius < SMALLEST_MARKER {
                        let style = rgb(*colour).mix(*opacity).filled();
                        return self.area.draw(&Circle::new(at, fine(f64::from(*radius)), style));
                    }
                    draw_marker(self.area, at, (*colour, f64::from(*radius)), *opacity)
                })
            }
            Layer::Interval { colour, at: (y, low, estimate, high) } => {
                let bar = [(*low, *y), (*high, *y)];
                let tick = [(*estimate, y - 0.22), (*estimate, y + 0.22)];
                [bar, tick].iter().try_for_each(|line| self.draw_line(*colour, line))
            }
            Layer::Vertical { x, .. } => {
                let (x, (low, high)) = (self.panel.x.scale.place(*x), self.frame.y.ends);
                self.draw_dashes([(x, low), (x, high)])
            }
            Layer::Horizontal { y, .. } => {
                let (y, (low, high)) = (self.panel.y.scale.place(*y), self.frame.x.ends);
                self.draw_dashes([(low, y), (high, y)])
            }
            Layer::Shares { steps, shares } => self.draw_shares(steps, shares),
            Layer::Picture { width, pixels } => {
                // As ink: black on white paper.
                let ink = |grey: &u8| [255 - grey; 3];
                self.draw_picture(*width, &pixels.iter().map(ink).collect::<Vec<_>>())
            }
            Layer::ColourPicture { width, pixels } => self.draw_picture(*width, pixels),
            Layer::Tiles(tiles) => tiles.iter().try_for_each(|tile| self.draw_tile(tile)),
        }
    }

    /// Returns the place of a point that has one.
    fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let (x, y) = (self.panel.x.scale.place(x), self.panel.y.scale.place(y));
        (x.is_finite() && y.is_finite()).then_some((x, y))
    }

    /// Whether a place lies inside the axes.
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let ((left, right), (low, high)) = (self.frame.x.ends, self.frame.y.ends);
        (left..=right).contains(&x) && (low..=high).contains(&y)
    }

    /// Draws a line, with markers on it if it is one of several.
    fn draw_curve(&self, colour: Colour, points: &[(f64, f64)]) -> Drawn {
        self.draw_line(colour, points)?;
        let several =
            self.panel.layers.iter().any(
                |layer| matches!(layer, Layer::Line { colour: other, .. } if *other != colour),
            );
        if !several || points.len() > MOST_POINTS {
            return Ok(());
        }
        let each = points.len().div_ceil(MARKERS).max(1);
        let marked = points.iter().skip(each / 2).step_by(each).filter_map(|p| self.place(*p));
        marked
            .filter(|at| self.holds(*at))
            .try_for_each(|at| draw_marker(self.area, at, (colour, MARKER), 1.0))
    }

    /// Draws what of a line lies inside the axes.
    fn draw_line(&self, colour: Colour, points: &[(f64, f64)]) -> Drawn {
        let style = rgb(colour).stroke_width(fine(CURVE) as u32);
        let mut run: Vec<(f64, f64)> = Vec::new();
        let draw = |run: &mut Vec<(f64, f64)>| {
            let line = std::mem::take(run);
            if line.len() > 1 { self.area.draw(&PathElement::new(line, style)) } else { Ok(()) }
        };
        let places: Vec<_> = points.iter().filter_map(|p| self.place(*p)).collect();
        for pair in places.windows(2) {
            match clip((pair[0], pair[1]), self.frame.x.ends, self.frame.y.ends) {
                Some((start, end)) => {
                    if run.last() != Some(&start) {
                        draw(&mut run)?;
                        run.push(start);
                    }
                    run.push(end);
                }
                None => draw(&mut run)?,
            }
        }
        draw(&mut run)
    }

    fn draw_dashes(&self, line: [(f64, f64); 2]) -> Drawn {
        self.area.draw(&DashedPathElement::new(line, fine(4.0), fine(3.0), dashes()))
    }

    /// Draws squares of whole pixels, so that neighbours neither overlap nor leave seams; white is the paper's.
    fn draw_picture(&self, width: usize, colours: &[[u8; 3]]) -> Drawn {
        let area = self.area.strip_coord_spec();
        let (w, h) = area.dim_in_pixel();
        let rows = colours.len() / width;
        let scale = |size: u32, count: usize| f64::from(size) / FINE / count as f64;
        let side = side_of_pixel(scale(w, width).min(scale(h, rows)));
        let edge = |i: usize| fine(side * i as f64);
        for (y, row) in colours.chunks(width).enumerate() {
            let mut start = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let [r, g, b] = run[0];
                let end = start + run.len();
                if run[0].iter().any(|channel| *channel <= 250) {
                    let corners = [(edge(start), edge(y)), (edge(end), edge(y + 1))];
                    area.draw(&Rectangle::new(corners, RGBColor(r, g, b).filled()))?;
                }
                start = end;
            }
        }
        Ok(())
    }

    fn draw_tile(&self, tile: &Tile) -> Drawn {
        let (x, y) = (tile.at.0 as f64, tile.at.1 as f64);
        let shade = rgb(Colour::Orange).mix(tile.shade.clamp(0.0, 1.0)).filled();
        self.area.draw(&Rectangle::new([(x - 0.48, y - 0.46), (x + 0.48, y + 0.46)], shade))?;
        let lines = tile.text.len() as f64;
        for (i, line) in tile.text.iter().enumerate() {
            let style = font(SMALL).color(&INK).pos(Pos::new(HPos::Center, VPos::Center));
            let height = y + 0.4 * ((lines - 1.0) / 2.0 - i as f64);
            self.area.draw(&Text::new(line.as_str(), (x, height), style))?;
        }
        Ok(())
    }

    /// Draws stacked areas, each part in a colour of its own.
    fn draw_shares(&self, steps: &[f64], shares: &[Vec<f64>]) -> Drawn {
        let parts = shares.first().map_or(0, Vec::len);
        let sum_to = |row: &Vec<f64>, part: usize| row[..part].iter().sum::<f64>();
        for part in 0..parts {
            let edge = |part| {
                let point = move |(step, row): (&f64, &Vec<f64>)| (*step, sum_to(row, part));
                steps.iter().zip(shares).map(point).collect::<Vec<_>>()
            };
            let outline = edge(part + 1).into_iter().chain(edge(part).into_iter().rev());
            let outline: Vec<_> = outline.filter_map(|p| self.place(p)).collect();
            let colour = rgb(SERIES[part % SERIES.len()]).mix(0.75);
            self.area.draw(&Polygon::new(outline, colour))?;
        }
        Ok(())
    }
}

/// Returns the part of a segment that lies inside a rectangle, by Liang and Barsky's parameters.
fn clip(
    (start, end): ((f64, f64), (f64, f64)),
    (left, right): (f64, f64),
    (low, high): (f64, f64),
) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    let edges =
        [(-dx, start.0 - left), (dx, right - start.0), (-dy, start.1 - low), (dy, high - start.1)];
    for (speed, room) in edges {
        if speed == 0.0 && room < 0.0 {
            return None;
        }
        let at = room / speed;
        if speed < 0.0 {
            enters = enters.max(at);
        } else if speed > 0.0 {
            leaves = leaves.min(at);
        }
    }
    let point = |at: f64| (start.0 + at * dx, start.1 + at * dy);
    let first = if enters > 0.0 { point(enters) } else { start };
    let last = if leaves < 1.0 { point(leaves) } else { end };
    (enters <= leaves).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Axis, Scale};

    fn example() -> Figure {
        let points: Vec<(f64, f64)> = (0..20).map(|i| (f64::from(i), f64::from(i * i))).collect();
        let band = points.iter().map(|&(x, y)| (x, 0.8 * y, 1.2 * y)).collect();
        let panel = Panel {
            title: "Squares".into(),
            x: Axis::new("step"),
            y: Axis::new("value (nats)"),
            layers: vec![
                Layer::Band { colour: Colour::Blue, points: band },
                Layer::Line { label: "n squared".into(), colour: Colour::Blue, points },
                Layer::Horizontal { label: "ceiling".into(), y: 300.0 },
            ],
        };
        Figure {
            name: "example".into(),
            title: "An example".into(),
            caption: "Twenty points; the band is 20 % about them.".into(),
            columns: 2,
            height: 240,
            panels: vec![
                panel.clone(),
                Panel { y: Axis::new("value").scaled(Scale::SymLog(1.0)), ..panel },
            ],
        }
    }

    #[test]
    fn equal_figures_are_equal_text_with_their_words() {
        let text = svg(&example()).unwrap();
        assert_eq!(text, svg(&example()).unwrap());
        for word in ["An example", "Squares", "n squared", "value (nats)", "Twenty points"] {
            assert!(text.contains(word), "{word} is missing");
        }
    }

    #[test]
    fn tiles_say_what_they_hold() {
        let tile = Tile { at: (1, 0), shade: 0.5, text: vec!["0.12".into(), "[0.1, 0.2]".into()] };
        let axis = || Axis::of(vec!["left".into(), "right".into()]);
        let (x, y) = (axis(), axis());
        let panel = Panel { title: "Table".into(), x, y, layers: vec![Layer::Tiles(vec![tile])] };
        let text = svg(&Figure { columns: 1, panels: vec![panel], ..example() }).unwrap();
        for word in ["left", "right", "0.12", "[0.1, 0.2]"] {
            assert!(text.contains(word), "{word} is missing");
        }
    }

    #[test]
    fn labels_alike_stand_once_above_all_panels() {
        assert_eq!(svg(&example()).unwrap().matches("n squared").count(), 1);
        let mut figure = example();
        let Layer::Line { colour, .. } = &mut figure.panels[1].layers[1] else { unreachable!() };
        *colour = Colour::Green;
        assert_eq!(svg(&figure).unwrap().matches("n squared").count(), 2);
    }

    #[test]
    fn lines_end_at_the_axes() {
        let (x, y) = ((0.0, 1.0), (0.0, 1.0));
        assert_eq!(clip(((-1.0, 0.5), (2.0, 0.5)), x, y), Some(((0.0, 0.5), (1.0, 0.5))));
        assert_eq!(clip(((0.2, 0.2), (0.4, 0.9)), x, y), Some(((0.2, 0.2), (0.4, 0.9))));
        assert_eq!(clip(((0.5, 0.5), (0.5, 1.5)), x, y), Some(((0.5, 0.5), (0.5, 1.0))));
        assert_eq!(clip(((-1.0, 2.0), (2.0, 2.0)), x, y), None);
        assert_eq!(clip(((-1.0, 0.5), (0.5, -1.0)), x, y), None);
    }

    #[test]
    fn pictures_have_the_pixels_of_their_drawing() {
        let layers = vec![Layer::Picture { width: 2, pixels: vec![255, 0, 0, 255] }];
        let bare = || Axis::bare(0.0, 1.0);
        let panel = Panel { title: String::new(), x: bare(), y: bare(), layers };
        let figure = Figure { columns: 1, panels: vec![panel], ..example() };
        let drawn = crate::figure::pixels::pixels(&svg(&figure).unwrap()).unwrap();
        assert_eq!(drawn.width(), 800);
        let black = drawn.pixels().iter().filter(|pixel| pixel.red() == 0).count();
        let side = (black as f64 / 2.0).sqrt();
        assert!(
            side > 50.0 && (side - side.round()).abs() < 0.2,
            "a square of whole pixels: {side}"
        );
    }

    #[test]
    fn an_empty_panel_is_drawn_all_the_same() {
        let mut figure = example();
        figure.panels[0].layers.clear();
        assert!(svg(&figure).unwrap().contains("Squares"));
    }
}
