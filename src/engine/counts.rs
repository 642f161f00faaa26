//! What a day publishes: integer counts of persons. Everybody decides on yesterday's, nobody on a neighbour's move.

use crate::scenario::world::{CareKind, Day, World};

use super::agents::State;

/// Things that happen to people, counted by group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Incident {
    /// Violence suffered.
    Violence,
    /// Arbitrary detention.
    Detention,
    /// Trafficking or exploitation.
    Exploitation,
    /// Robbery or extortion.
    Robbery,
    /// Separation from the family.
    Separation,
    /// Death or going missing.
    Death,
    /// Illness that is not treated.
    Illness,
    /// Turned back at a border.
    Refusal,
}

impl Incident {
    /// Number of kinds.
    pub const COUNT: usize = 8;
    /// All kinds in the order of their numbers.
    pub const ALL: [Incident; Self::COUNT] = [
        Incident::Violence,
        Incident::Detention,
        Incident::Exploitation,
        Incident::Robbery,
        Incident::Separation,
        Incident::Death,
        Incident::Illness,
        Incident::Refusal,
    ];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Incident::Violence => "violence",
            Incident::Detention => "detention",
            Incident::Exploitation => "exploitation",
            Incident::Robbery => "robbery",
            Incident::Separation => "separation",
            Incident::Death => "death",
            Incident::Illness => "illness",
            Incident::Refusal => "refusal",
        }
    }
}

/// Persons at a place whom one kind of care reaches on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cared {
    /// Reached.
    pub reached: u32,
    /// Reached a second time by somebody else.
    pub twice: u32,
    /// Who could have been reached; `u32::MAX`: anybody.
    pub places: u32,
}

/// Counts of persons at the end of a day, and of what happened on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Number of groups.
    pub groups: usize,
    /// Stock by place and group: at the place, on the move (resting, waiting, detained). `places x groups`.
    pub present: Vec<u32>,
    /// Stock by group and [`State`]: `groups x State::COUNT`.
    pub state: Vec<u32>,
    /// Stock by place and group: not left yet. `places x groups`.
    pub settled: Vec<u32>,
    /// Flow by link: persons who entered it on this day.
    pub entered: Vec<u32>,
    /// Of those, persons in seats of a service.
    pub seated: Vec<u32>,
    /// Flow by border link (index in [`Counts::border_links`]) and group: persons who set out over it on this day.
    pub crossed: Vec<u32>,
    /// Links that join two countries, in any way: those that [`Counts::crossed`] counts, in rising order.
    pub border_links: Vec<usize>,
    /// Flow by place: persons who came to it.
    pub arrived: Vec<u32>,
    /// Flow by place: persons who left it on a link.
    pub departed: Vec<u32>,
    /// Flow by group: persons who left the place where they had lived.
    pub left_home: Vec<u32>,
    /// Flow by service: persons granted.
    pub granted: Vec<u32>,
    /// Flow by group: persons granted by services that are assistance.
    pub assisted: Vec<u32>,
    /// Flow by place: persons granted there by services that are assistance.
    pub assisted_at: Vec<u32>,
    /// Flow by group: persons supported after coming home.
    pub received: Vec<u32>,
    /// Flow by desk: persons served.
    pub served: Vec<u32>,
    /// By service: persons that it could have granted on this day.
    pub offered: Vec<u32>,
    /// By shelter of `World::shelters`: places open on this day.
    pub shelter_open: Vec<u32>,
    /// By place and [`CareKind`], `places x CareKind::COUNT`: whom care reaches; empty where there is no care.
    pub cared: Vec<Cared>,
    /// USD of fixed costs of interventions that began on this day.
    pub fixed_usd: u64,
    /// USD of care, and of support for those who have come home, on this day.
    pub care_usd: u64,
    /// Flow by place and [`Incident`]: persons. `places x Incident::COUNT`.
    pub incidents_at: Vec<u32>,
    /// Flow by group and [`Incident`]: persons. `groups x Incident::COUNT`.
    pub incidents_of: Vec<u32>,
    /// Flow by link: deaths on the way.
    pub deaths_on_link: Vec<u32>,
    /// Stock by place: persons who wait.
    pub waiting: Vec<u32>,
    /// Stock by place and group: stranded.
    pub stranded: Vec<u32>,
    /// Stock by place and group: trapped.
    pub trapped: Vec<u32>,
    /// Stock by place: under a roof.
    pub sheltered: Vec<u32>,
    /// Stock by place: in danger above the threshold, with a feasible way, not leaving.
    pub staying: Vec<u32>,
    /// Stock by flow of `World::flows`: persons out on this day, and persons back on it.
    pub flow: Vec<(u32, u32)>,
    /// Flow: persons who set out on a planned move, by cycle of `World::cycles` and days late.
    pub cycles_kept: Vec<(usize, Day, u32)>,
    /// Flow by cycle: persons whose planned move came to nothing on this day.
    pub cycles_missed: Vec<u32>,
    /// Stock by group: persons who wait for something of whose wait they were told what is no longer so.
    pub misled: Vec<u32>,
    /// Flow by group: persons in refuge or back home, for not long, whose place has become dangerous.
    pub uprooted_again: Vec<u32>,
}

impl Counts {
    /// Counts of nobody.
    pub fn new(world: &World) -> Self {
        let (places, groups, links) = (world.places.len(), world.groups.len(), world.links.len());
        let abroad = |l: &usize| world.places[world.links[*l].from].country != world.places[world.links[*l].to].country;
        let border_links: Vec<usize> = (0..links).filter(abroad).collect();
        Self {
            groups,
            present: vec![0; places * groups],
            state: vec![0; groups * State::COUNT],
            settled: vec![0; places * groups],
            entered: vec![0; links],
            seated: vec![0; links],
            crossed: vec![0; border_links.len() * groups],
            border_links,
            arrived: vec![0; places],
            departed: vec![0; places],
            left_home: vec![0; groups],
            granted: vec![0; world.services.len()],
            assisted: vec![0; groups],
            assisted_at: vec![0; places],
            received: vec![0; groups],
            served: vec![0; world.desks.len()],
            offered: vec![0; world.services.len()],
            shelter_open: vec![0; world.shelters.len()],
            cared: if world.response.cares.is_empty() {
                Vec::new()
            } else {
                vec![Cared::default(); places * CareKind::COUNT]
            },
            fixed_usd: 0,
            care_usd: 0,
            incidents_at: vec![0; places * Incident::COUNT],
            incidents_of: vec![0; groups * Incident::COUNT],
            deaths_on_link: vec![0; links],
            waiting: vec![0; places],
            stranded: vec![0; places * groups],
            trapped: vec![0; places * groups],
            sheltered: vec![0; places],
            staying: vec![0; places],
            flow: vec![(0, 0); world.flows.len()],
            cycles_kept: Vec::new(),
            cycles_missed: vec![0; world.cycles.len()],
            misled: vec![0; groups],
            uprooted_again: vec![0; groups],
        }
    }

    /// Forgets the flows of yesterday; stocks stay.
    pub fn start_day(&mut self) {
        for flow in [
            &mut self.entered,
            &mut self.seated,
            &mut self.crossed,
            &mut self.arrived,
            &mut self.departed,
            &mut self.left_home,
            &mut self.granted,
            &mut self.assisted,
            &mut self.assisted_at,
            &mut self.received,
            &mut self.served,
            &mut self.incidents_at,
            &mut self.incidents_of,
            &mut self.deaths_on_link,
            &mut self.cycles_missed,
            &mut self.uprooted_again,
        ] {
            flow.fill(0);
        }
        self.flow.fill((0, 0));
        self.cycles_kept.clear();
        (self.fixed_usd, self.care_usd) = (0, 0);
    }

    /// Persons on the move who are at `place`.
    pub fn present_at(&self, place: usize) -> u32 {
        self.present[place * self.groups..(place + 1) * self.groups].iter().sum()
    }

    /// Whom care of `kind` reaches at `place`.
    pub fn cared(&self, place: usize, kind: CareKind) -> Cared {
        self.cared.get(place * CareKind::COUNT + kind as usize).copied().unwrap_or_default()
    }

    /// Persons of `group` in `state`.
    pub fn in_state(&self, group: usize, state: State) -> u32 {
        self.state[group * State::COUNT + state as usize]
    }

    /// Moves `persons` of `group` from one state to another.
    pub fn change_state(&mut self, group: usize, from: State, to: State, persons: u32) {
        self.state[group * State::COUNT + from as usize] -= persons;
        self.state[group * State::COUNT + to as usize] += persons;
    }

    /// Counts an incident.
    pub fn incident(&mut self, place: usize, kind: Incident, group: usize, persons: u32) {
        self.incidents_at[place * Incident::COUNT + kind as usize] += persons;
        self.incidents_of[group * Incident::COUNT + kind as usize] += persons;
    }
}
