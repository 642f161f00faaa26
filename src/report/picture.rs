//! A picture: marks on a white sheet, written as SVG or PNG. The charts put marks on it and know neither format.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, TextStyle, register_font};
use std::sync::LazyLock;
use thiserror::Error;

/// What every picture says at its foot.
pub const SHORT_DISCLAIMER: &str =
    "Simulated, not observed. Not a forecast. Not for enforcement or decisions about individuals.";

/// Words that charts put on a picture by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captions {
    /// Stands where there is nothing to show.
    pub no_data: String,
    /// Short names of the months, from January.
    pub months: [String; 12],
    /// How people go: by land, by sea, by air.
    pub modes: [String; 3],
    /// Beside a place beyond the map: that people go to it, that they come from it.
    pub sides: [String; 2],
    /// What is said of the boundaries of a map.
    pub boundaries: String,
    /// Whether title, subtitle, note and disclaimer stand on the page around the picture and not on it.
    pub bare: bool,
}

impl Default for Captions {
    fn default() -> Self {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        Self {
            no_data: "no data".to_owned(),
            months: months.map(str::to_owned),
            modes: ["by road or on foot", "by sea", "by air"].map(str::to_owned),
            sides: ["to", "from"].map(str::to_owned),
            boundaries: "Boundaries shown do not imply endorsement. Lines: Natural Earth.".to_owned(),
            bare: false,
        }
    }
}

/// Width of every picture, in pixels of the PNG.
pub const WIDTH: f64 = 1200.0;
/// Usual height of a picture, in pixels of the PNG.
pub const HEIGHT: f64 = 750.0;

/// Left and right margin of a sheet, in pixels.
pub(super) const MARGIN: f64 = 36.0;

/// Height that a bare sheet saves, in pixels.
const BARE: f64 = 110.0;

/// At most so many lines of title, of subtitle and of note; what is longer is cut.
const LINES: usize = 4;

/// Steps per pixel in an SVG, whose coordinates are whole numbers.
const SVG_STEPS: f64 = 4.0;
/// Pixels drawn for each pixel kept in a PNG, along each axis; their mean smooths edges and text.
const PNG_STEPS: f64 = 3.0;

/// Font families in the order in which a viewer of an SVG tries them; the first is the one shipped.
const FONTS: &str = "Open Sans, Noto Sans, DejaVu Sans, Arial, sans-serif";
/// Height of a line of Open Sans (ascent 2189 and descent 600 units of 2048) over its em.
const LINE_HEIGHT_EM: f64 = 2789.0 / 2048.0;
/// The SVG backend takes a font size 1.24 times as large as the em it writes.
const SVG_FONT_FACTOR: f64 = 1.24;

static FONTS_READY: LazyLock<bool> = LazyLock::new(|| {
    register_font(FONTS, FontStyle::Normal, include_bytes!("../../assets/fonts/OpenSans-Regular.ttf")).is_ok()
        && register_font(FONTS, FontStyle::Bold, include_bytes!("../../assets/fonts/OpenSans-SemiBold.ttf")).is_ok()
});

/// Why a picture could not be written.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The drawing library refused a mark.
    #[error("the picture could not be drawn: {0}")]
    Draw(String),
    /// The PNG could not be packed.
    #[error("the picture could not be packed as PNG: {0}")]
    Pack(#[from] std::io::Error),
}

/// A colour with opacity.
pub(super) type Color = RGBAColor;

/// An opaque colour from `0xRRGGBB`.
pub(super) const fn rgb(hex: u32) -> Color {
    RGBAColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8, 1.0)
}

/// `color` with the opacity `alpha`, 0 to 1.
pub(super) const fn faint(color: Color, alpha: f64) -> Color {
    RGBAColor(color.0, color.1, color.2, alpha)
}

/// Colours of text and lines that carry no data.
pub(super) const INK: Color = rgb(0x1a1a1a);
pub(super) const GREY: Color = rgb(0x5a5a5a);
pub(super) const RULE: Color = rgb(0xdedede);
pub(super) const WHITE: Color = rgb(0xffffff);

/// Colours of data: the palette of Okabe and Ito (2008), told apart by colour-blind readers, without its yellow, which is
/// too light for lines on white.
pub(super) const PALETTE: [Color; 7] = [
    rgb(0x0072b2), // blue
    rgb(0xd55e00), // vermilion
    rgb(0x009e73), // bluish green
    rgb(0xcc79a7), // reddish purple
    rgb(0xe69f00), // orange
    rgb(0x56b4e9), // sky blue
    rgb(0x000000), // black
];

/// Lengths of stroke and gap of a broken line, in pixels; empty: an unbroken line.
pub(super) const DASHES: [&[f64]; 5] = [&[], &[9.0, 4.0], &[2.5, 3.0], &[12.0, 3.5, 2.5, 3.5], &[5.0, 2.5]];

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// Em, in pixels.
    pub size: f64,
    pub bold: bool,
    pub color: Color,
    pub align: Align,
    /// Read upwards, as the title of a vertical axis is.
    pub upwards: bool,
}

impl Type {
    pub fn new(size: f64, color: Color) -> Type {
        Type { size, bold: false, color, align: Align::Left, upwards: false }
    }
    pub fn bold(self) -> Type {
        Type { bold: true, ..self }
    }
    pub fn align(self, align: Align) -> Type {
        Type { align, ..self }
    }
    pub fn upwards(self) -> Type {
        Type { upwards: true, ..self }
    }
    /// Distance from a baseline up to the middle of capitals, in pixels.
    pub fn half_height(self) -> f64 {
        0.36 * self.size
    }
}

type Xy = (f64, f64);

#[derive(Debug, Clone)]
enum Mark {
    Area { points: Vec<Xy>, color: Color },
    Line { points: Vec<Xy>, width: f64, color: Color },
    Disc { center: Xy, radius: f64, color: Color },
    Text { text: String, baseline: Xy, style: Type },
}

/// Marks on a white sheet, in pixels from its upper left corner; later marks cover earlier ones.
#[derive(Debug, Clone)]
pub struct Picture {
    title: String,
    height: f64,
    marks: Vec<Mark>,
}

impl Picture {
    /// A sheet with `title`, `subtitle`, and at its foot `note` and the disclaimer. Returns the sheet and the vertical range
    /// that is left for the drawing. A bare sheet has no words, and less height.
    pub(super) fn sheet(
        title: &str,
        subtitle: &str,
        note: &str,
        height: f64,
        captions: &Captions,
    ) -> (Picture, (f64, f64)) {
        let mut picture = Picture { title: title.to_owned(), height, marks: Vec::new() };
        if captions.bare {
            picture.height -= BARE;
            return (picture, (14.0, height - BARE - 10.0));
        }
        let right = WIDTH - MARGIN;
        let mut top = 24.0;
        for line in wrap(title, 21.0, true, right - MARGIN).iter().take(LINES) {
            top += 14.0;
            picture.text(line, (MARGIN, top), Type::new(21.0, INK).bold());
            top += 14.0;
        }
        for line in wrap(subtitle, 14.0, false, right - MARGIN).iter().take(LINES) {
            top += 10.0;
            picture.text(line, (MARGIN, top), Type::new(14.0, GREY));
            top += 10.0;
        }
        let mut bottom = height - 18.0;
        picture.text(SHORT_DISCLAIMER, (MARGIN, bottom), Type::new(12.5, INK).bold());
        bottom -= 18.0;
        for line in wrap(note, 12.5, false, right - MARGIN).iter().take(LINES).rev() {
            picture.text(line, (MARGIN, bottom), Type::new(12.5, GREY));
            bottom -= 17.0;
        }
        picture.line(&[(MARGIN, bottom), (right, bottom)], 1.0, RULE);
        (picture, (top + 2.0, bottom - 8.0))
    }

    /// Width and height of the PNG, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (WIDTH as u32, self.height as u32)
    }

    pub(super) fn area(&mut self, points: &[Xy], color: Color) {
        if points.len() > 2 {
            self.push(Mark::Area { points: points.to_vec(), color });
        }
    }

    pub(super) fn rectangle(&mut self, (left, top): Xy, (right, bottom): Xy, color: Color) {
        self.area(&[(left, top), (right, top), (right, bottom), (left, bottom)], color);
    }

    pub(super) fn line(&mut self, points: &[Xy], width: f64, color: Color) {
        if points.len() > 1 {
            self.push(Mark::Line { points: points.to_vec(), width, color });
        }
    }

    /// A line broken by `dash`: lengths of stroke, gap, stroke, gap ..., in pixels.
    pub(super) fn dashed(&mut self, points: &[Xy], dash: &[f64], width: f64, color: Color) {
        if dash.is_empty() {
            return self.line(points, width, color);
        }
        let (mut part, mut left) = (0, dash[0]);
        let mut stroke: Vec<Xy> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let length = (to.0 - from.0).hypot(to.1 - from.1);
                if length <= left {
                    left -= length;
                    stroke.push(to);
                    break;
                }
                let share = left / length;
                from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
                stroke.push(from);
                if part % 2 == 0 {
                    self.line(&stroke, width, color);
                }
                stroke = vec![from];
                part = (part + 1) % dash.len();
                left = dash[part];
            }
        }
        if part % 2 == 0 {
            self.line(&stroke, width, color);
        }
    }

    pub(super) fn disc(&mut self, center: Xy, radius: f64, color: Color) {
        self.push(Mark::Disc { center, radius, color });
    }

    /// One of six shapes, filled with `fill` and edged with `edge`, about `radius` around `center`.
    pub(super) fn marker(&mut self, shape: usize, (x, y): Xy, radius: f64, edge: Color, fill: Color) {
        let corners = |unit: &[Xy], r: f64| unit.iter().map(|(a, b)| (x + a * r, y + b * r)).collect::<Vec<_>>();
        let unit: &[Xy] = match shape % 6 {
            0 => {
                self.disc((x, y), radius, edge);
                return self.disc((x, y), radius - 1.5, fill);
            }
            1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            2 => &[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
            3 => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            4 => &[(0.0, 1.25), (1.15, -0.85), (-1.15, -0.85)],
            _ => &[
                (-0.4, -1.2),
                (0.4, -1.2),
                (0.4, -0.4),
                (1.2, -0.4),
                (1.2, 0.4),
                (0.4, 0.4),
                (0.4, 1.2),
                (-0.4, 1.2),
                (-0.4, 0.4),
                (-1.2, 0.4),
                (-1.2, -0.4),
                (-0.4, -0.4),
            ],
        };
        self.area(&corners(unit, radius), edge);
        if shape % 6 != 5 {
            self.area(&corners(unit, radius - 1.9), fill);
        }
    }

    /// `text` on one line; `baseline` is the point of its baseline at its left, middle or right end.
    pub(super) fn text(&mut self, text: &str, baseline: Xy, style: Type) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if !text.trim().is_empty() {
            self.push(Mark::Text { text, baseline, style });
        }
    }

    /// Keeps a mark if all its numbers are finite and near the sheet.
    fn push(&mut self, mark: Mark) {
        let near = |p: &Xy| p.0.abs() < 1e5 && p.1.abs() < 1e5;
        let fine = match &mark {
            Mark::Area { points, .. } => points.iter().all(near),
            Mark::Line { points, width, .. } => points.iter().all(near) && *width > 0.0,
            Mark::Disc { center, radius, .. } => near(center) && *radius > 0.0 && *radius < 1e5,
            Mark::Text { baseline, .. } => near(baseline),
        };
        if fine {
            self.marks.push(mark);
        }
    }

    /// The picture as an SVG document: the same text for the same picture.
    pub fn svg(&self) -> Result<String, PictureError> {
        let (width, height) = self.size();
        let (steps, body) = self.body()?;
        let title = escape(&self.title);
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
             stroke-linejoin=\"round\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<desc>{SHORT_DISCLAIMER}</desc>\n{body}",
            steps.0, steps.1
        ))
    }

    /// The picture as an element of a page, as wide as its place there; `title` and `description` are for those who cannot see it.
    pub fn inline(&self, title: &str, description: &str) -> Result<String, PictureError> {
        let (steps, body) = self.body()?;
        let (title, description) = (escape(title), escape(description));
        Ok(format!(
            "<svg viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\" role=\"img\" aria-label=\"{title}\">\
             <title>{title}</title><desc>{description}</desc>{body}",
            steps.0, steps.1
        ))
    }

    /// Width and height in steps, and all marks with the end of the document.
    fn body(&self) -> Result<((u32, u32), String), PictureError> {
        let (width, height) = self.size();
        let steps = (width * SVG_STEPS as u32, height * SVG_STEPS as u32);
        let mut text = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut text, steps);
            self.draw(&mut backend, SVG_STEPS, |em| (em * SVG_FONT_FACTOR, 0.76 * em))?;
            backend.present().map_err(drawing)?;
        }
        // Without the head that the library writes: size, joints of lines and titles are ours.
        let body = text.split_once('\n').map_or("", |(_, body)| body);
        Ok((steps, body.to_owned()))
    }

    /// The picture as a PNG file: the same bytes for the same picture.
    pub fn png(&self) -> Result<Vec<u8>, PictureError> {
        let (width, height) = self.size();
        let steps = (width * PNG_STEPS as u32, height * PNG_STEPS as u32);
        let mut fine = vec![255; steps.0 as usize * steps.1 as usize * 3];
        {
            let mut backend = BitMapBackend::with_buffer(&mut fine, steps);
            self.draw(&mut backend, PNG_STEPS, |em| {
                let size = em * LINE_HEIGHT_EM;
                (size, (size / 2.0).floor())
            })?;
            backend.present().map_err(drawing)?;
        }
        pack(&shrink(&fine, width as usize), width, height)
    }

    /// Draws all marks, each coordinate times `steps`. `font` gives for an em in steps the font size the backend wants and
    /// how far below the upper edge of a text it puts the baseline.
    fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        steps: f64,
        font: impl Fn(f64) -> (f64, f64),
    ) -> Result<(), PictureError> {
        if !*FONTS_READY {
            return Err(PictureError::Draw("the font could not be read".to_owned()));
        }
        let at = |p: &Xy| ((p.0 * steps).round() as i32, (p.1 * steps).round() as i32);
        let (width, height) = backend.get_size();
        backend.draw_rect((0, 0), (width as i32, height as i32), &WHITE, true).map_err(drawing)?;
        for mark in &self.marks {
            match mark {
                Mark::Area { points, color } => backend.fill_polygon(points.iter().map(at), color),
                Mark::Line { points, width, color } => {
                    let style = plotters::style::ShapeStyle {
                        color: *color,
                        filled: false,
                        stroke_width: (width * steps).round().max(1.0) as u32,
                    };
                    backend.draw_path(points.iter().map(at), &style)
                }
                Mark::Disc { center, radius, color } => {
                    backend.draw_circle(at(center), (radius * steps).round().max(1.0) as u32, color, true)
                }
                Mark::Text { text, baseline, style } => {
                    let (size, ascent) = font(style.size * steps);
                    let face = face(size, style.bold);
                    let (face, upper) = if style.upwards {
                        (face.transform(FontTransform::Rotate270), (baseline.0 - ascent / steps, baseline.1))
                    } else {
                        (face, (baseline.0, baseline.1 - ascent / steps))
                    };
                    let h_pos = match style.align {
                        Align::Left => HPos::Left,
                        Align::Middle => HPos::Center,
                        Align::Right => HPos::Right,
                    };
                    let style = TextStyle::from(face).color(&style.color).pos(Pos::new(h_pos, VPos::Top));
                    backend.draw_text(text, &style, at(&upper))
                }
            }
            .map_err(drawing)?;
        }
        Ok(())
    }
}

fn drawing(error: impl std::fmt::Display) -> PictureError {
    PictureError::Draw(error.to_string())
}

fn face(size: f64, bold: bool) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FONTS), size, if bold { FontStyle::Bold } else { FontStyle::Normal })
}

/// Width of `text` on one line, in pixels, for an em of `size` pixels.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    const FINE: f64 = 8.0;
    let measured = *FONTS_READY;
    match face(size * LINE_HEIGHT_EM * FINE, bold).box_size(text) {
        Ok((width, _)) if measured => f64::from(width) / FINE,
        _ => 0.55 * size * text.chars().count() as f64,
    }
}

/// `text` broken at blanks into lines no wider than `width` pixels where its words allow.
pub(super) fn wrap(text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size, bold) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` cut with an ellipsis so that it is no wider than `width` pixels.
pub(super) fn fit(text: &str, size: f64, bold: bool, width: f64) -> String {
    if text_width(text, size, bold) <= width {
        return text.to_owned();
    }
    let mut short: Vec<char> = text.chars().collect();
    while short.pop().is_some() {
        let candidate = format!("{}…", short.iter().collect::<String>().trim_end());
        if text_width(&candidate, size, bold) <= width {
            return candidate;
        }
    }
    String::new()
}

fn escape(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The mean of each square of `PNG_STEPS` pixels a side of an RGB image; `width` is that of the result.
fn shrink(fine: &[u8], width: usize) -> Vec<u8> {
    const SIDE: usize = PNG_STEPS as usize;
    const SAMPLES: u32 = (SIDE * SIDE) as u32;
    let mut small = Vec::with_capacity(fine.len() / (SIDE * SIDE));
    let mut sums = vec![0u32; width * 3];
    for rows in fine.chunks_exact(SIDE * SIDE * width * 3) {
        sums.fill(SAMPLES / 2);
        for row in rows.chunks_exact(SIDE * width * 3) {
            for (square, sum) in row.chunks_exact(SIDE * 3).zip(sums.chunks_exact_mut(3)) {
                for pixel in square.chunks_exact(3) {
                    for (total, value) in sum.iter_mut().zip(pixel) {
                        *total += u32::from(*value);
                    }
                }
            }
        }
        small.extend(sums.iter().map(|sum| (sum / SAMPLES) as u8));
    }
    small
}

/// An RGB image as a PNG file. The drawing library packs PNG into files only, hence the temporary file.
fn pack(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PictureError> {
    let file = tempfile::Builder::new().suffix(".png").tempfile()?;
    {
        let mut backend = BitMapBackend::new(file.path(), (width, height));
        backend.blit_bitmap((0, 0), (width, height), pixels).map_err(drawing)?;
        backend.present().map_err(drawing)?;
    }
    Ok(std::fs::read(file.path())?)
}
