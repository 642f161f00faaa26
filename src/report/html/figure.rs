//! A picture with its words and the table of its numbers; tables with captions and scopes.

use maud::{Markup, PreEscaped, html};

use super::super::picture::{Picture, PictureError};

/// A cell of a table.
pub enum Cell {
    /// A number, set flush.
    Number(String),
    /// Words of the language of the page.
    Words(String),
    /// Words of the scenario, in whatever language and direction.
    Own(String),
    /// Something that is typed, such as an id.
    Code(String),
}

impl Cell {
    fn is_number(&self) -> bool {
        matches!(self, Cell::Number(_))
    }

    fn inside(&self) -> Markup {
        html! {
            @match self {
                Cell::Number(text) | Cell::Words(text) => (text),
                Cell::Own(text) => bdi { (text) },
                Cell::Code(text) => code { (text) },
            }
        }
    }
}

/// A table; the first cell of each row names the row. A table without rows is nothing.
pub fn table(caption: &str, head: &[String], rows: &[Vec<Cell>]) -> Markup {
    let flush = |column: usize| rows.iter().all(|row| row.get(column).is_none_or(Cell::is_number));
    html! {
        @if !rows.is_empty() {
            div class="scroll" tabindex="0" {
                table {
                    caption { (caption) }
                    thead { tr {
                        @for (column, name) in head.iter().enumerate() {
                            th scope="col" class=[flush(column).then_some("n")] { (name) }
                        }
                    } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (column, cell) in row.iter().enumerate() {
                                    @if column == 0 { th scope="row" { (cell.inside()) } }
                                    @else { td class=[cell.is_number().then_some("n")] { (cell.inside()) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `picture` under its caption, with what it shows in words for those who cannot see it, and a table of its numbers.
pub fn figure(caption: &str, says: &str, picture: &Picture, numbers: &Markup) -> Result<Markup, PictureError> {
    let svg = picture.inline(caption, says)?;
    Ok(html! {
        figure {
            figcaption { (caption) }
            (PreEscaped(svg))
            p class="note" { (says) }
        }
        (numbers)
    })
}
