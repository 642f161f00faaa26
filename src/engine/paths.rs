//! Paths that people plan: sequences of links, kept as (first link, rest) so that a party stores one number.

use std::collections::BTreeMap;

use crate::scenario::world::{PlaceKind, World};

use super::agents::NO_PATH;

/// All paths that anybody may be on. The path of a single link has the link's own number.
#[derive(Debug, Clone)]
pub struct Paths {
    first: Vec<u32>,
    rest: Vec<u32>,
    end: Vec<u16>,
    known: BTreeMap<(u32, u32), u32>,
}

/// A path that can be chosen from some place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Number of the path.
    pub path: u32,
    /// Where it ends, index into `World::places`.
    pub end: u16,
    /// Its length in km.
    pub km: f64,
}

impl Paths {
    /// The paths of one link each.
    pub fn new(world: &World) -> Self {
        let links = world.links.len() as u32;
        Self {
            first: (0..links).collect(),
            rest: vec![NO_PATH; links as usize],
            end: world.links.iter().map(|l| l.to as u16).collect(),
            known: BTreeMap::new(),
        }
    }

    /// The link to take next on `path`.
    #[inline(always)]
    pub fn first(&self, path: u32) -> usize {
        self.first[path as usize] as usize
    }

    /// What remains of `path` after its first link; [`NO_PATH`] if nothing does.
    #[inline(always)]
    pub fn rest(&self, path: u32) -> u32 {
        self.rest[path as usize]
    }

    /// Where `path` ends.
    #[inline(always)]
    pub fn end(&self, path: u32) -> usize {
        usize::from(self.end[path as usize])
    }

    /// All links of `path`, in order.
    pub fn links(&self, path: u32) -> impl Iterator<Item = usize> + '_ {
        let on = |path: u32| Some(path).filter(|path| *path != NO_PATH);
        std::iter::successors(on(path), move |path| on(self.rest(*path))).map(|path| self.first(path))
    }

    /// The path over `links` in order, as it is chosen from where the first begins; `None` for no links.
    pub fn known(&mut self, world: &World, links: &[usize]) -> Option<Candidate> {
        let path = links.iter().rev().fold(NO_PATH, |rest, link| self.intern(*link as u32, rest));
        let km = links.iter().map(|link| f64::from(world.links[*link].km)).sum();
        let end = world.links[*links.last()?].to as u16;
        Some(Candidate { path, end, km })
    }

    fn intern(&mut self, link: u32, rest: u32) -> u32 {
        if rest == NO_PATH {
            return link;
        }
        let next = self.first.len() as u32;
        let path = *self.known.entry((link, rest)).or_insert(next);
        if path == next {
            self.first.push(link);
            self.rest.push(rest);
            self.end.push(self.end[rest as usize]);
        }
        path
    }

    /// Every path without repeated places from `origin` over links that `open` admits, up to `horizon` hops. Waypoints are
    /// passed through: they are no destination and use up no hop.
    pub fn enumerate(
        &mut self,
        world: &World,
        outgoing: &[Vec<usize>],
        open: impl Fn(usize) -> bool,
        origin: usize,
        horizon: u8,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut visited = vec![false; world.places.len()];
        visited[origin] = true;
        let mut trail = Vec::new();
        extend(world, outgoing, &open, origin, 0.0, horizon.max(1), &mut visited, &mut trail, &mut |trail, end, km| {
            let path = trail.iter().rev().fold(NO_PATH, |rest, link| self.intern(*link as u32, rest));
            found.push(Candidate { path, end: end as u16, km });
        });
        found
    }

    /// The shortest path from `origin`, over links that `open` admits, to every other place that is `wanted`, by place (Dijkstra).
    pub fn shortest(
        &mut self,
        world: &World,
        outgoing: &[Vec<usize>],
        open: impl Fn(usize) -> bool,
        origin: usize,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<Candidate> {
        let places = world.places.len();
        let (mut km, mut last) = (vec![f64::INFINITY; places], vec![None; places]);
        let mut left: Vec<usize> = (0..places).collect();
        km[origin] = 0.0;
        while let Some(nearest) = (0..left.len()).min_by(|a, b| km[left[*a]].total_cmp(&km[left[*b]])) {
            let place = left.remove(nearest);
            for link in outgoing[place].iter().copied().filter(|link| open(*link)) {
                let (to, length) = (world.links[link].to, km[place] + f64::from(world.links[link].km));
                if length < km[to] {
                    (km[to], last[to]) = (length, Some(link));
                }
            }
        }
        let mut found = Vec::new();
        for end in (0..places).filter(|end| *end != origin && km[*end].is_finite() && wanted(*end)) {
            let mut path = NO_PATH;
            let mut place = end;
            while let Some(link) = last[place] {
                path = self.intern(link as u32, path);
                place = world.links[link].from;
            }
            found.push(Candidate { path, end: end as u16, km: km[end] });
        }
        found
    }
}

/// Depth-first extension of `trail` by every open link out of `place`, with `hops` destinations still in sight.
#[allow(clippy::too_many_arguments)]
fn extend(
    world: &World,
    outgoing: &[Vec<usize>],
    open: &impl Fn(usize) -> bool,
    place: usize,
    km: f64,
    hops: u8,
    visited: &mut Vec<bool>,
    trail: &mut Vec<usize>,
    found: &mut impl FnMut(&[usize], usize, f64),
) {
    for &link in outgoing[place].iter().filter(|l| open(**l)) {
        let to = world.links[link].to;
        if visited[to] {
            continue;
        }
        let km = km + f64::from(world.links[link].km);
        trail.push(link);
        let left = if world.places[to].kind == PlaceKind::Waypoint {
            hops
        } else {
            found(trail, to, km);
            hops - 1
        };
        if left > 0 {
            visited[to] = true;
            extend(world, outgoing, open, to, km, left, visited, trail, found);
            visited[to] = false;
        }
        trail.pop();
    }
}
