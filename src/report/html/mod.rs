//! `report.html`: one page that stands alone, for people who decide. It loads nothing, runs no script, prints on A4 in grey.

mod brief;
mod comparison;
mod figure;
mod plan;
mod run;
mod shared;
mod words;

pub use comparison::comparison_page;
pub use run::run_page;
pub use words::{Lang, Words};

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A section of a page.
struct Section {
    /// Its anchor.
    id: &'static str,
    /// Key of its heading.
    heading: &'static str,
    /// What stands in it.
    body: Markup,
}

/// The page of `sections` in the language of `words`.
fn page(words: &Words, title: &str, subtitle: &str, brief: &Markup, sections: &[Section]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.lang.tag()) dir=(words.lang.dir()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Corridor" }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a class="skip" href="#main" { (words.say("page.skip")) }
                p class="notice" role="note" { (words.say("page.notice")) }
                header {
                    h1 { bdi { (title) } }
                    p class="subtitle" { (subtitle) }
                }
                main id="main" {
                    section id="brief" class="brief" aria-labelledby="h-brief" {
                        h2 id="h-brief" { (words.say("page.brief")) }
                        (brief)
                    }
                    nav aria-label=(words.say("page.contents")) {
                        ul {
                            @for section in sections { li { a href={ "#" (section.id) } { (words.say(section.heading)) } } }
                        }
                    }
                    @for section in sections {
                        section id=(section.id) aria-labelledby={ "h-" (section.id) } {
                            h2 id={ "h-" (section.id) } { (words.say(section.heading)) }
                            (section.body)
                        }
                    }
                }
                footer {
                    p class="notice" { (words.say("page.notice")) }
                    p { (words.fill("page.made", &[("version", env!("CARGO_PKG_VERSION"))])) " " (words.say("page.names")) }
                }
            }
        }
    };
    page.into_string()
}
