//! From figures to pictures.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{Places, formatter, tick_count};
use super::style::{FONT, SMALL, TEXT, TITLE, prepare, rgb, wrap};
use super::{Axis, Colour, Corner, Figure, Layer, Panel, SERIES, Tile};

/// Height of the title and of one caption line.
const HEADER: u32 = 34;
const CAPTION_LINE: u32 = 17;

type Area<'a, B> = DrawingArea<B, Shift>;

/// Returns the pixels of a whole figure.
pub(super) fn size(figure: &Figure) -> (u32, u32) {
    let rows = figure.panels.len().div_ceil(figure.columns) as u32;
    let width = figure.panel.0 * figure.columns as u32 + 16;
    let captions = caption_lines(figure, width).len() as u32;
    (width, HEADER + rows * figure.panel.1 + captions * CAPTION_LINE + 12)
}

fn caption_lines(figure: &Figure, width: u32) -> Vec<String> {
    // An average character of the small font is 6.6 pixels wide.
    wrap(&figure.caption, (f64::from(width - 32) / 6.6) as usize)
}

pub(super) fn svg(figure: &Figure) -> Result<String> {
    prepare();
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size(figure)).into_drawing_area();
        draw(&root, figure).map_err(|error| anyhow!("{error}"))?;
        root.present().map_err(|error| anyhow!("{error}"))?;
    }
    Ok(text)
}

pub(super) fn png(figure: &Figure, path: &Path) -> Result<()> {
    crate::files::write_atomically(path, &super::pixels::png(&svg(figure)?)?)
}

/// Draws a figure on an area of [`size`].
pub(super) fn draw<B: DrawingBackend>(
    root: &Area<B>,
    figure: &Figure,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    root.fill(&WHITE)?;
    let (width, height) = size(figure);
    root.draw(&Text::new(figure.title.clone(), (14, 9), (FONT, TITLE)))?;
    let captions = caption_lines(figure, width);
    let top = height - captions.len() as u32 * CAPTION_LINE - 6;
    for (i, line) in captions.into_iter().enumerate() {
        let place = (14, (top + i as u32 * CAPTION_LINE) as i32);
        let style = (FONT, SMALL).into_font().color(&RGBColor(70, 70, 70));
        root.draw(&Text::new(line, place, style))?;
    }
    for (i, panel) in figure.panels.iter().enumerate() {
        let column = (i % figure.columns) as u32 * figure.panel.0 + 8;
        let row = (i / figure.columns) as u32 * figure.panel.1 + HEADER;
        let (w, h) = figure.panel;
        let area = root.clone().shrink((column, row), (w, h));
        draw_panel(&area, panel, (w, h))?;
    }
    Ok(())
}

#[expect(clippy::too_many_lines, reason = "one arm a layer")]
fn draw_panel<B: DrawingBackend>(
    area: &Area<B>,
    panel: &Panel,
    (width, height): (u32, u32),
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let (x_range, y_range) = ranges(panel);
    let longest = panel.y.categories.iter().map(|name| name.chars().count()).max();
    let left = match longest {
        Some(characters) => 14 + 7 * characters as u32,
        None if panel.y.ticks => 58,
        None => 4,
    };
    let bottom = if panel.x.label.is_empty() { 24 } else { 42 };
    let mut builder = ChartBuilder::on(area);
    builder.margin(6).margin_right(14);
    if !panel.title.is_empty() {
        builder.caption(&panel.title, (FONT, TEXT));
    }
    if panel.y.ticks {
        builder.set_label_area_size(LabelAreaPosition::Left, left);
    }
    if panel.x.ticks {
        builder.set_label_area_size(LabelAreaPosition::Bottom, bottom);
    }
    let counts =
        [tick_count(&panel.x, width.saturating_sub(left), 75), tick_count(&panel.y, height, 45)];
    let mut chart = builder.build_cartesian_2d(
        Places::of(panel.x.scale, x_range, counts[0]),
        Places::of(panel.y.scale, y_range, counts[1]),
    )?;

    let (format_x, format_y) = (formatter(&panel.x, x_range), formatter(&panel.y, y_range));
    let mut mesh = chart.configure_mesh();
    mesh.light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.08))
        .axis_style(BLACK.mix(0.4))
        .label_style((FONT, SMALL))
        .axis_desc_style((FONT, TEXT))
        .x_desc(panel.x.label.clone())
        .y_desc(panel.y.label.clone())
        .x_labels(counts[0])
        .y_labels(counts[1])
        .x_label_formatter(&format_x)
        .y_label_formatter(&format_y);
    if !panel.x.ticks && !panel.y.ticks {
        mesh.disable_mesh();
    }
    if !panel.y.categories.is_empty() {
        mesh.disable_y_mesh();
    }
    mesh.draw()?;

    let place = |(x, y): (f64, f64)| (panel.x.scale.place(x), panel.y.scale.place(y));
    let inside = |&(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    for layer in &panel.layers {
        match layer {
            Layer::Line { label, colour, points } => {
                let colour = rgb(*colour);
                let line = points.iter().copied().map(place).filter(inside);
                let series = chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?;
                if !label.is_empty() {
                    series.label(label).legend(move |(x, y)| {
                        PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2))
                    });
                }
            }
            Layer::Band { colour, points } => {
                let upper = points.iter().map(|&(x, _, high)| place((x, high)));
                let lower = points.iter().rev().map(|&(x, low, _)| place((x, low)));
                let outline: Vec<(f64, f64)> = upper.chain(lower).filter(inside).collect();
                chart.draw_series([Polygon::new(outline, rgb(*colour).mix(0.2))])?;
            }
            Layer::Dots { label, colour, radius, opacity, points } => {
                let (radius, style) = (*radius, rgb(*colour).mix(*opacity).filled());
                let dots = points.iter().copied().map(place).filter(inside);
                let clip = |&(x, y): &(f64, f64)| {
                    (x_range.0..=x_range.1).contains(&x) && (y_range.0..=y_range.1).contains(&y)
                };
                let series = chart.draw_series(
                    dots.filter(clip).map(|point| Circle::new(point, radius, style)),
                )?;
                if !label.is_empty() {
                    let style = rgb(*colour).filled();
                    series.label(label).legend(move |(x, y)| Circle::new((x + 8, y), 4, style));
                }
            }
            Layer::Interval { colour, at: (y, low, estimate, high) } => {
                let style = rgb(*colour).stroke_width(2);
                let bar = [place((*low, *y)), place((*high, *y))];
                let tick = [place((*estimate, y - 0.22)), place((*estimate, y + 0.22))];
                chart
                    .draw_series([bar, tick].map(|line| PathElement::new(line.to_vec(), style)))?;
            }
            Layer::Vertical { label, x } => {
                let x = panel.x.scale.place(*x);
                reference(&mut chart, label, [(x, y_range.0), (x, y_range.1)])?;
            }
            Layer::Horizontal { label, y } => {
                let y = panel.y.scale.place(*y);
                reference(&mut chart, label, [(x_range.0, y), (x_range.1, y)])?;
            }
            Layer::Shares { steps, shares } => draw_shares(&mut chart, steps, shares)?,
            Layer::Picture { width, pixels } => {
                // As ink: black on white paper.
                let ink = |grey: &u8| RGBColor(255 - grey, 255 - grey, 255 - grey);
                draw_picture(&chart, *width, pixels.iter().map(ink))?;
            }
            Layer::ColourPicture { width, pixels } => {
                let colours = pixels.iter().map(|[r, g, b]| RGBColor(*r, *g, *b));
                draw_picture(&chart, *width, colours)?;
            }
            Layer::Tiles(tiles) => {
                for tile in tiles {
                    draw_tile(&mut chart, tile)?;
                }
            }
        }
    }
    if let Some(corner) = panel.legend {
        let position = match corner {
            Corner::UpperLeft => SeriesLabelPosition::UpperLeft,
            Corner::UpperRight => SeriesLabelPosition::UpperRight,
            Corner::LowerRight => SeriesLabelPosition::LowerRight,
            Corner::LowerLeft => SeriesLabelPosition::LowerLeft,
        };
        chart
            .configure_series_labels()
            .position(position)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.15))
            .label_font((FONT, SMALL))
            .draw()?;
    }
    Ok(())
}

type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<Places, Places>>;

/// Draws squares of whole pixels, so that neighbours neither overlap nor leave seams; white is the paper's.
fn draw_picture<B: DrawingBackend>(
    chart: &Chart<B>,
    width: usize,
    colours: impl ExactSizeIterator<Item = RGBColor>,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let rows = colours.len() / width;
    let (w, h) = chart.plotting_area().dim_in_pixel();
    let scale = (w as usize / width).min(h as usize / rows).max(1);
    let area = chart.plotting_area().strip_coord_spec();
    let white = |colour: &RGBColor| colour.0 > 250 && colour.1 > 250 && colour.2 > 250;
    for (i, colour) in colours.enumerate().filter(|(_, colour)| !white(colour)) {
        let corner = ((i % width * scale) as i32, (i / width * scale) as i32);
        let opposite = (corner.0 + scale as i32, corner.1 + scale as i32);
        area.draw(&Rectangle::new([corner, opposite], colour.filled()))?;
    }
    Ok(())
}

fn draw_tile<'a, B: DrawingBackend + 'a>(
    chart: &mut Chart<'a, B>,
    tile: &Tile,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let (x, y) = (tile.at.0 as f64, tile.at.1 as f64);
    let shade = rgb(Colour::Orange).mix(tile.shade.clamp(0.0, 1.0)).filled();
    let corners = [(x - 0.48, y - 0.46), (x + 0.48, y + 0.46)];
    chart.draw_series([Rectangle::new(corners, shade)])?;
    let style = (FONT, SMALL).into_font().into_text_style(&(200, 100)).color(&BLACK);
    let style = style.pos(Pos::new(HPos::Center, VPos::Center));
    let lines = tile.text.len() as f64;
    for (i, line) in tile.text.iter().enumerate() {
        let height = y + 0.4 * ((lines - 1.0) / 2.0 - i as f64);
        chart.draw_series([Text::new(line.clone(), (x, height), style.clone())])?;
    }
    Ok(())
}

fn reference<'a, B: DrawingBackend + 'a>(
    chart: &mut Chart<'a, B>,
    label: &str,
    line: [(f64, f64); 2],
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let style = rgb(Colour::Grey).stroke_width(1);
    let series = chart.draw_series(DashedLineSeries::new(line, 5, 4, style))?;
    if !label.is_empty() {
        series
            .label(label)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], style));
    }
    Ok(())
}

fn draw_shares<'a, B: DrawingBackend + 'a>(
    chart: &mut Chart<'a, B>,
    steps: &[f64],
    shares: &[Vec<f64>],
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let parts = shares.first().map_or(0, Vec::len);
    let sum_to = |row: &Vec<f64>, part: usize| row[..part].iter().sum::<f64>();
    for part in 0..parts {
        let edge = |part| {
            let point = move |(step, row): (&f64, &Vec<f64>)| (*step, sum_to(row, part));
            steps.iter().zip(shares).map(point).collect::<Vec<_>>()
        };
        let outline = edge(part + 1).into_iter().chain(edge(part).into_iter().rev());
        let colour = rgb(SERIES[part % SERIES.len()]).mix(0.75);
        chart.draw_series([Polygon::new(outline.collect::<Vec<_>>(), colour)])?;
    }
    Ok(())
}

/// Returns the ends of both axes, in places: those given, else those of the data and a margin.
fn ranges(panel: &Panel) -> ((f64, f64), (f64, f64)) {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for layer in &panel.layers {
        match layer {
            Layer::Line { points: p, .. } | Layer::Dots { points: p, .. } => points.extend(p),
            Layer::Band { points: p, .. } => {
                points.extend(p.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]));
            }
            Layer::Interval { at: (y, low, _, high), .. } => {
                points.extend([(*low, *y), (*high, *y)]);
            }
            Layer::Shares { steps, .. } => {
                points.extend(steps.iter().flat_map(|&x| [(x, 0.0), (x, 1.0)]));
            }
            Layer::Vertical { x, .. } => points.push((*x, f64::NAN)),
            Layer::Horizontal { y, .. } => points.push((f64::NAN, *y)),
            Layer::Picture { .. } | Layer::ColourPicture { .. } => {
                points.extend([(0.0, 0.0), (1.0, 1.0)]);
            }
            Layer::Tiles(tiles) => {
                points.extend(tiles.iter().map(|tile| (tile.at.0 as f64, tile.at.1 as f64)));
            }
        }
    }
    let along = |axis: &Axis, pick: fn(&(f64, f64)) -> f64| {
        let place = |x: f64| axis.scale.place(x);
        if let Some((low, high)) = axis.range {
            return (place(low), place(high));
        }
        let places = points.iter().map(pick).map(place).filter(|x| x.is_finite());
        let ends = places
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if ends.0 > ends.1 {
            return (0.0, 1.0);
        }
        let margin = 0.04 * (ends.1 - ends.0).max(1e-9 + 1e-3 * ends.1.abs());
        (ends.0 - margin, ends.1 + margin)
    };
    (along(&panel.x, |p| p.0), along(&panel.y, |p| p.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Scale;

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
            legend: Some(Corner::UpperRight),
        };
        Figure {
            name: "example".into(),
            title: "An example".into(),
            caption: "Twenty points; the band is 20 % about them.".into(),
            columns: 2,
            panel: (320, 240),
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
        let panel = Panel {
            title: "Table".into(),
            x,
            y,
            layers: vec![Layer::Tiles(vec![tile])],
            legend: None,
        };
        let text = svg(&Figure { columns: 1, panels: vec![panel], ..example() }).unwrap();
        for word in ["left", "right", "0.12", "[0.1, 0.2]"] {
            assert!(text.contains(word), "{word} is missing");
        }
    }

    #[test]
    fn an_empty_panel_is_drawn_all_the_same() {
        let mut figure = example();
        figure.panels[0].layers.clear();
        assert!(svg(&figure).unwrap().contains("Squares"));
    }
}
