//! Roads: what the move step needs to know of links and classes, worked out once, and which columns of the people tell anything in
//! this world.

use crate::scenario::world::{Aim, Barrier, Day, PlaceKind, Reason, World};

use super::agents::Agents;
use super::counts::Counts;
use super::journey::Journeys;

/// What the move step needs to know of a link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) to: u16,
    pub(super) from: u16,
    pub(super) length: f32,
    pub(super) range: f32,
    /// Nights on the way at that range, and what is covered on the last day.
    pub(super) nights: Day,
    pub(super) last: f32,
    pub(super) km: f32,
    pub(super) fee: u16,
    pub(super) walk_chance: f32,
    pub(super) free: bool,
    /// Index among the border links whose crossings are counted, or `u32::MAX`.
    pub(super) border: u32,
}

/// What the move step needs to know of a class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) group: u16,
    /// Which of [`Roads::targets`] is the target risk of its group.
    pub(super) target: u16,
    pub(super) column: u16,
    /// Where its journeys end, or `u16::MAX`.
    pub(super) home: u16,
    /// Whether it looks for safety place by place.
    pub(super) safety: bool,
}

impl Kind {
    /// The class of worlds with only one, which looks for safety.
    pub(super) const ONLY: Kind = Kind { group: 0, target: 0, column: 0, home: u16::MAX, safety: true };
}

/// Which columns tell anything in this world: those that do not are neither read nor written, as memory is what a day costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    /// Identities differ from row numbers.
    pub(super) person: bool,
    /// There are several classes.
    pub(super) class: bool,
    /// People travel in company.
    pub(super) composition: bool,
    /// People plan farther than the next place.
    pub(super) path: bool,
    /// Kilometres so far matter to anybody.
    pub(super) km: bool,
    /// How much people have travelled lately, or since when they rest, matters to anybody.
    pub(super) recent: bool,
}

/// The lasting tables of the move step.
#[derive(Debug)]
pub struct Roads {
    pub(super) legs: Vec<Leg>,
    pub(super) sizes: Vec<u8>,
    pub(super) kinds: Vec<Kind>,
    /// Target risks of groups, each once.
    pub(super) targets: Vec<f64>,
    pub(super) needs: Needs,
    /// Whether a leg takes everybody as long: nobody walks.
    pub(super) plain: bool,
    /// Whether each leg has a full day's range.
    pub(super) fresh: bool,
    /// Whether what is published in a round changes what is chosen in the next one: else every piece goes through the rounds of a
    /// day by itself.
    pub(super) stepwise: bool,
    /// Whether everybody is of one class that looks for safety place by place, alone, on ways without fees: then much need not be asked
    /// of anybody.
    pub(super) alike: bool,
    /// Whether some people who look for safety may not go where others may, or are turned back: each class sees its own ways.
    pub barred_apart: bool,
    /// Number of columns of choice rows: one for all who look for safety (one for each class, if tastes or barriers differ), one for
    /// all classes that share plans.
    pub columns: usize,
    /// How many of them, the first ones, are for those who look for safety.
    pub safety_columns: usize,
}

impl Roads {
    /// Tables of `world`; `journeys` says who shares plans, `counts` which border links are counted, `agents` who is on the move at the
    /// start.
    pub fn new(world: &World, journeys: &Journeys, counts: &Counts, agents: &Agents) -> Self {
        let range = world.movement.range;
        let legs = world
            .links
            .iter()
            .enumerate()
            .map(|(index, link)| {
                let range = link.range.unwrap_or(range);
                let (nights, last) = nights(link.length, range);
                Leg {
                    to: link.to as u16,
                    from: link.from as u16,
                    length: link.length,
                    range,
                    nights,
                    last,
                    km: link.km,
                    fee: link.fee,
                    walk_chance: link.walk_chance,
                    free: link.free,
                    border: counts.border_links.binary_search(&index).map_or(u32::MAX, |i| i as u32),
                }
            })
            .collect();
        let barred_apart = world.barriers.iter().any(|b| bars_some_only(world, b));
        let apart = barred_apart || !world.conditions.tastes.is_empty();
        let safety_columns = if apart { world.safety_classes().count() } else { 1 };
        let (mut columns, mut safety) = (safety_columns as u16, 0);
        let (targets, target_of) = world.target_risks();
        let mut kinds: Vec<Kind> = Vec::new();
        for (index, class) in world.classes.iter().enumerate() {
            let (group, target) = (class.group as u16, target_of[class.group] as u16);
            kinds.push(match class.aim {
                Aim::Safety => {
                    safety += u16::from(apart);
                    Kind { group, target, column: safety - u16::from(apart), home: u16::MAX, safety: true }
                }
                Aim::Home(_) | Aim::Refuge => {
                    let end = if let Aim::Home(place) = class.aim { Some(place) } else { class.origin };
                    let shared = kinds.get(journeys.planned_as(index)).map(|kind| kind.column);
                    let column = shared.unwrap_or(columns);
                    columns += u16::from(shared.is_none());
                    Kind { group, target, column, home: end.map_or(u16::MAX, |p| p as u16), safety: false }
                }
            });
        }
        let homeward = usize::from(columns) > safety_columns;
        let waypoints = world.places.iter().any(|p| p.kind == PlaceKind::Waypoint);
        let needs = Needs {
            person: !world.cells.is_empty() || agents.person.iter().enumerate().any(|(row, p)| row != *p as usize),
            class: world.classes.len() > 1,
            composition: world.in_company(),
            path: homeward
                || waypoints
                || world.parameters.choice.horizon > 1.0
                || world.parameters.choice.camps_only >= 0.5
                || !world.conditions.known_paths.is_empty()
                || !world.conditions.leave_chance.is_empty(),
            km: homeward || world.movement.range_on_foot.is_some(),
            recent: homeward || world.movement.avoid_short_stints,
        };
        let fresh = world.movement.fresh_range_each_leg;
        let plain = world.movement.range_on_foot.is_none()
            && (!fresh || world.links.iter().all(|link| link.walk_chance <= 0.0));
        let limited = world.places.iter().any(|p| p.capacity.is_some());
        let stepwise = limited && world.safety_classes().next().is_some() && !world.conditions.routes_of_the_day;
        let alike = plain
            && !(needs.class || needs.composition || needs.km)
            && world.conditions.leave_chance.is_empty()
            && !barred_apart
            && world.groups.len() == 1
            && world.links.iter().all(|link| link.fee == 0);
        Self {
            legs,
            sizes: world.compositions.iter().map(|c| c.size()).collect(),
            kinds,
            targets,
            needs,
            plain,
            fresh,
            stepwise,
            alike,
            barred_apart,
            columns: usize::from(columns),
            safety_columns,
        }
    }

    /// Column of the choice rows of `class`.
    pub fn column(&self, class: usize) -> usize {
        usize::from(self.kinds[class].column)
    }

    /// Whether people of `class` look for safety place by place.
    #[inline(always)]
    pub(super) fn seeks_safety(&self, class: u16) -> bool {
        self.kinds[usize::from(class)].safety
    }
}

/// Whether `barrier` stops people who look for safety other than by closing the way to all of them.
fn bars_some_only(world: &World, barrier: &Barrier) -> bool {
    let closes_to_all = || world.safety_classes().all(|class| barrier.classes.contains(class));
    barrier.share >= 1.0
        && world.safety_classes().any(|class| barrier.classes.contains(class))
        && !(barrier.reason == Reason::Closed && closes_to_all())
}

/// Nights on a way of `length` at `range` a day, which must be exceeded to arrive, and what is covered on the last day.
pub(super) fn nights(length: f32, range: f32) -> (Day, f32) {
    let nights = (length / range).floor();
    (nights.min(65_534.0) as Day, length - range * nights)
}
