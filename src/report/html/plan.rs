//! The headings of a contingency plan under Emergency Response Preparedness, filled as far as a simulation can.

use maud::{Markup, html};

use super::figure::{Cell, table};
use super::shared::components;
use super::words::Words;
use crate::experiment::scores::SIZING;
use crate::outcome::metrics::last_date;
use crate::outcome::spread::Spread;
use crate::scenario::Scenario;
use crate::scenario::scenario::Strategy;
use crate::scenario::world::World;

/// Actors that are named.
const ACTORS: usize = 14;
/// What each of [`SIZING`] is for, as keys of texts.
const SIZES: [&str; SIZING.len()] = [
    "plan.size_peak",
    "plan.size_roof",
    "plan.size_water",
    "plan.size_toilets",
    "plan.size_seats",
    "plan.size_trapped",
];

/// What runs have to say in the plan of a response.
pub struct Filled<'a> {
    /// Name of the strategy.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The situation in a sentence.
    pub situation: String,
    /// Over runs of the strategy, each of [`SIZING`].
    pub sizing: [Option<Spread>; SIZING.len()],
    /// What it costs, in sentences.
    pub money: Vec<String>,
}

/// The plan, each heading with what is known or with room to write.
pub fn plan(words: &Words, scenario: &Scenario, world: &World, filled: &Filled<'_>) -> Markup {
    let fill = || html! { p class="note" { (words.say("plan.fill_in")) } };
    let sizing: Vec<Vec<Cell>> = SIZES
        .iter()
        .zip(filled.sizing)
        .filter_map(|(key, spread)| {
            let (spread, seats) = (spread?, *key == "plan.size_seats");
            // People, litres and toilets are whole.
            let number = |n: f64| Cell::Number(if seats { words.percent(n) } else { words.number(n.ceil()) });
            Some(vec![Cell::Words(words.say(key)), number(spread.median), number(spread.p95)])
        })
        .collect();
    let actors = scenario.strategy(filled.name).as_ref().map_or(Vec::new(), actors);
    let more = actors.len().saturating_sub(ACTORS);
    let named = words.list(&actors[..actors.len().min(ACTORS)]);
    let named = match more {
        0 => named,
        more => words.fill("plan.and_more", &[("names", &named), ("count", &words.count(more as u64))]),
    };
    let strategy = scenario.strategies.get(filled.name);
    html! {
        p class="note" { (words.say("plan.about")) }
        h3 { "1. " (words.say("plan.h_situation")) }
        @if !scenario.header.description.is_empty() { p dir="auto" { (scenario.header.description) } }
        p { (filled.situation) }
        h3 { "2. " (words.say("plan.h_strategy")) }
        p { bdi { strong { (filled.title) } } " (" code { (filled.name) } ")" }
        @if let Some(strategy) = strategy {
            @if !strategy.story.is_empty() { p dir="auto" { (strategy.story) } }
        }
        h3 { "3. " (words.say("plan.h_implementation")) }
        @if let Some(strategy) = strategy { (components(words, scenario, strategy)) }
        h3 { "4. " (words.say("plan.h_coordination")) }
        @if actors.is_empty() { p { (words.say("plan.no_actors")) } }
        @else { p { (words.fill("plan.actors", &[("actors", &named)])) } }
        (fill())
        h3 { "5. " (words.say("plan.h_support")) }
        (table(
            &words.say("plan.sizing"),
            &[words.say("plan.what"), words.say("plan.size_median"), words.say("plan.size_high")],
            &sizing,
        ))
        h3 { "6. " (words.say("plan.h_gaps")) }
        (fill())
        h3 { "7. " (words.say("plan.h_funding")) }
        @for text in &filled.money { p { (text) } }
        p class="note" { (words.say("unsure.costs")) }
        h3 { "8. " (words.say("plan.h_annexes")) }
        p { (words.say("plan.annexes")) }
        p class="note" { (words.fill("plan.period", &[
            ("first", &words.date(world.start)),
            ("last", &words.date(last_date(world))),
        ])) }
    }
}

/// Who does the parts of `strategy`, each once.
fn actors(strategy: &Strategy) -> Vec<String> {
    let services = strategy.services.iter().map(|s| &s.actor);
    let shelters = strategy.shelters.iter().map(|s| &s.actor);
    let all = services.chain(shelters).chain(strategy.interventions.iter().map(|s| &s.actor));
    let mut actors: Vec<String> = all.filter(|a| !a.is_empty()).cloned().collect();
    actors.sort();
    actors.dedup();
    actors
}
