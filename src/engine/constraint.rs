//! Why people are stuck: the constraint that binds each of those counted as stranded or trapped at the end of a day.
//!
//! Nothing here acts on anybody: it looks at what a day published and at the best journeys, and asks the rules of the model
//! themselves what they would say if one thing were lifted. In this order, the first that fits:
//!
//! 1. Something leads on and too few get on it: the *queue* of a crossing or a *seat*, whichever has the shorter wait; a crossing
//!    that turns back a share of their class counts as *refused*. If a way has opened less than D days ago: *just opened*.
//! 2. One thing alone that would open a way if it were lifted: *documents*, *money*, *refused*, *closed* (ways, and crossings that
//!    let nobody through), *seat* (services that would take them do not run today).
//! 3. All of these together would: *several*. Else *no way*: nothing in the scenario leads on for them.

use std::collections::BTreeMap;

use crate::scenario::world::{Barrier, Class, ClassSet, Reason, World};

use super::Run;
use super::journey::{Call, Journeys, Offers};
use super::schedule::Today;
use super::strand;

/// What keeps somebody from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// Travel documents are missing.
    Documents,
    /// The fare is more than they have.
    Money,
    /// The other side does not admit them.
    Refused,
    /// The way is closed.
    Closed,
    /// A crossing lets too few through.
    Queue,
    /// Too few seats, or none today.
    Seat,
    /// Several of these together.
    Several,
    /// A way has opened, too lately to be trusted.
    JustOpened,
    /// Nothing leads on.
    NoWay,
}

impl Constraint {
    /// All constraints, in the order of tables.
    pub const ALL: [Constraint; 9] = [
        Constraint::Documents,
        Constraint::Money,
        Constraint::Refused,
        Constraint::Closed,
        Constraint::Queue,
        Constraint::Seat,
        Constraint::Several,
        Constraint::JustOpened,
        Constraint::NoWay,
    ];

    /// Word in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Constraint::Documents => "documents",
            Constraint::Money => "money",
            Constraint::Refused => "refused",
            Constraint::Closed => "closed",
            Constraint::Queue => "queue",
            Constraint::Seat => "seat",
            Constraint::Several => "several",
            Constraint::JustOpened => "just_opened",
            Constraint::NoWay => "no_way",
        }
    }

    /// The constraint of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == word)
    }
}

/// Persons at a place whom one constraint binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// Index into `World::places`.
    pub place: usize,
    /// Index into `World::groups`.
    pub group: usize,
    /// What binds them.
    pub constraint: Constraint,
    /// Simulated persons.
    pub persons: u32,
}

/// Finds constraints, day after day of one run.
pub struct Explainer<'w> {
    world: &'w World,
    /// The same world with money for every fare.
    rich: World,
    /// Journeys as they were last planned, for each of [`LIFTED`].
    plans: Vec<Journeys>,
}

/// What is lifted, in this order, where today's journeys do not tell what binds.
const LIFTED: [Constraint; 5] =
    [Constraint::Money, Constraint::Refused, Constraint::Closed, Constraint::Seat, Constraint::Several];

impl<'w> Explainer<'w> {
    /// For runs of `world`.
    pub fn new(world: &'w World) -> Self {
        let classes = world.classes.iter().map(|class| Class { money: u16::MAX, ..class.clone() }).collect();
        // What no journey asks for is left out of the copy.
        let rich = World { classes, cells: Vec::new(), displaced: Vec::new(), ..world.clone() };
        let (poor, paid) = (Journeys::new(world), Journeys::new(&rich));
        let plan = |lifted: &Constraint| if is_paid(*lifted) { paid.clone() } else { poor.clone() };
        Self { world, plans: LIFTED.iter().map(plan).collect(), rich }
    }

    /// Those stuck at the end of the day that `run` has just finished, by place, group and constraint, in this order.
    pub fn stuck(&mut self, run: &Run<'_>) -> Vec<Stuck> {
        let stuck: Vec<(usize, usize, u32)> = run.spells().stuck().collect();
        let mut known: Vec<Option<Constraint>> =
            stuck.iter().map(|(place, class, _)| self.at_hand(run, *place, *class)).collect();
        let mut plans = std::mem::take(&mut self.plans);
        for (constraint, journeys) in LIFTED.into_iter().zip(&mut plans) {
            // Only classes whom it can concern are planned for: everybody at their best, where all is lifted.
            let as_class = |class: usize| match constraint {
                Constraint::Several => self.world.classes[class].with_documents.unwrap_or(class),
                _ => class,
            };
            let open = |k: &usize| known[*k].is_none() && self.concerns(run.today(), constraint, stuck[*k].1);
            let open: Vec<usize> = (0..stuck.len()).filter(open).collect();
            if open.is_empty() {
                continue;
            }
            let mut asked = vec![false; self.world.classes.len()];
            open.iter().for_each(|k| asked[as_class(stuck[*k].1)] = true);
            let today = self.lift(run, constraint, &asked, journeys);
            let world = self.world_without(constraint);
            for k in open {
                let (place, class, _) = stuck[k];
                if leads_on(world, &today, journeys, as_class(class), place) {
                    known[k] = Some(constraint);
                }
            }
        }
        self.plans = plans;
        let mut persons: BTreeMap<(usize, usize, Constraint), u32> = BTreeMap::new();
        for ((place, class, stuck), constraint) in stuck.into_iter().zip(known) {
            let key = (place, self.world.classes[class].group, constraint.unwrap_or(Constraint::NoWay));
            *persons.entry(key).or_default() += stuck;
        }
        let all = persons.into_iter();
        all.map(|((place, group, constraint), persons)| Stuck { place, group, constraint, persons }).collect()
    }

    /// What binds people of `class` at `place`, if today's journeys tell; else something must be lifted to see.
    fn at_hand(&self, run: &Run<'_>, place: usize, class: usize) -> Option<Constraint> {
        let (world, today, journeys) = (self.world, run.today(), run.journeys());
        let back = world.places[place].foreign && strand::is_calm(world, today.day);
        if back || strand::feasible(world, today, journeys, class, place) {
            return Some(Constraint::JustOpened);
        }
        let waits = journeys.services(world, today, class, place).map(|(service, _, days)| (days, service));
        if let Some((_, service)) = waits.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))) {
            return Some(match world.services[service].is_crossing() {
                true if self.turned_back(today, service, class) => Constraint::Refused,
                true => Constraint::Queue,
                false => Constraint::Seat,
            });
        }
        let twin = world.classes[class].with_documents?;
        leads_on(world, today, journeys, twin, place).then_some(Constraint::Documents)
    }

    /// Whether lifting `constraint` can change anything for `class` today.
    fn concerns(&self, today: &Today, constraint: Constraint, class: usize) -> bool {
        let world = self.world;
        let barred = |reason: Reason| {
            let mut barriers = world.barriers.iter().zip(&today.lifted);
            barriers.any(|(b, lifted)| b.reason == reason && holds(b, *lifted, today) && b.classes.contains(class))
        };
        let idle = |crossing: bool| {
            let mut services = world.services.iter().zip(&today.rate);
            services.any(|(s, rate)| *rate <= 0.0 && s.is_crossing() == crossing && s.eligible.contains(class))
        };
        let money = world.classes[class].money;
        match constraint {
            Constraint::Money => {
                let dear = |s: &crate::scenario::world::Service| s.fee > money && s.eligible.contains(class);
                world.links.iter().any(|l| l.free && l.fee > money) || world.services.iter().any(dear)
            }
            Constraint::Refused => barred(Reason::Refused),
            Constraint::Closed => barred(Reason::Closed) || idle(true),
            Constraint::Seat => idle(false),
            _ => true,
        }
    }

    /// The world in which `constraint` is lifted, as far as the world and not the day says it.
    fn world_without(&self, constraint: Constraint) -> &World {
        if is_paid(constraint) { &self.rich } else { self.world }
    }

    /// The day without `constraint`; the classes that are `asked` for plan their `journeys` on it.
    fn lift(&self, run: &Run<'_>, constraint: Constraint, asked: &[bool], journeys: &mut Journeys) -> Today {
        let all = constraint == Constraint::Several;
        let lifts = |other: Constraint| all || constraint == other;
        let world = self.world_without(constraint);
        let mut today = run.today().clone();
        let mut offers = run.journeys().offers().clone();
        self.bar(&mut today, |reason| match reason {
            Reason::Closed => !lifts(Constraint::Closed),
            Reason::Refused => !lifts(Constraint::Refused),
            Reason::Documents => true,
        });
        for (index, service) in world.services.iter().enumerate() {
            let held_by = if service.is_crossing() { Constraint::Closed } else { Constraint::Seat };
            if today.rate[index] <= 0.0 && lifts(held_by) {
                run_service(&mut today, &mut offers, index, &service.boards);
            }
        }
        let mut planned = asked.to_vec();
        (0..asked.len()).filter(|class| asked[*class]).for_each(|class| planned[journeys.planned_as(class)] = true);
        let concerned = ClassSet::from_fn(asked.len(), |class| planned[class]);
        journeys.plan(world, &today, offers, run.returning(), &concerned);
        today
    }

    /// Bars the links of `today` again, by barriers of those reasons that still hold.
    fn bar(&self, today: &mut Today, stays: impl Fn(Reason) -> bool) {
        today.barred.fill(ClassSet::default());
        for (barrier, lifted) in self.world.barriers.iter().zip(&today.lifted) {
            if holds(barrier, *lifted, today) && stays(barrier.reason) {
                today.barred[barrier.link].join(&barrier.classes);
            }
        }
    }

    /// Whether a share of `class` is turned back at the crossing `service` today.
    fn turned_back(&self, today: &Today, service: usize, class: usize) -> bool {
        let link = self.world.services[service].links[self.world.classes[class].group];
        link.is_some_and(|link| today.admitted(self.world, link, class) < 1.0)
    }
}

/// Whether lifting `constraint` means money for every fare.
fn is_paid(constraint: Constraint) -> bool {
    matches!(constraint, Constraint::Money | Constraint::Several)
}

/// Whether `barrier` bars its link today.
fn holds(barrier: &Barrier, lifted: bool, today: &Today) -> bool {
    barrier.start <= today.day && today.day <= barrier.end && barrier.share >= 1.0 && !lifted
}

/// Whether a leg or a service leads on, however long the wait.
fn leads_on(world: &World, today: &Today, journeys: &Journeys, class: usize, place: usize) -> bool {
    journeys.legs(today, class, place).next().is_some()
        || journeys.services(world, today, class, place).next().is_some()
}

/// Service `index` runs, without a wait.
fn run_service(today: &mut Today, offers: &mut Offers, index: usize, boards: &[(usize, f32)]) {
    today.rate[index] = 1.0;
    if let Some(days) = offers.wait_days.get_mut(index) {
        *days = 0.0;
    }
    for (board, (place, ride)) in boards.iter().enumerate() {
        if let Some(calls) = offers.at.get_mut(*place) {
            calls.push(Call { service: index, board, ride: *ride });
        }
    }
}
