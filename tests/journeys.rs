//! Journeys: plans do not depend on who is planned for beside, or on what was planned before.

use std::path::Path;

use corridor::engine::day::Run;
use corridor::engine::journey::Journeys;
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;
use corridor::scenario::world::{ClassSet, World};

/// Costs and shares that fear leaves, as bits, by class and place.
fn plans(world: &World, journeys: &Journeys, class: usize) -> Vec<(u32, u64)> {
    (0..world.places.len())
        .map(|place| (journeys.cost(class, place).to_bits(), journeys.hold(class, place).to_bits()))
        .collect()
}

#[test]
fn a_class_plans_the_same_alone_beside_others_and_after_other_plans() {
    let (scenario, _) =
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/libya-2011")).expect("the scenario can be read");
    let options = Options { scale: 100, ..Options::default() };
    let world = build(&scenario, "historical", &options).expect("the strategy exists");
    let classes = world.classes.len();
    let mut run = Run::new(&world, 1, 0);
    for day in 0..60 {
        run.step();
        if day % 20 != 19 {
            continue;
        }
        let plan = |journeys: &mut Journeys, asked: &ClassSet| {
            journeys.plan(&world, run.today(), run.journeys().offers().clone(), run.returning(), asked);
        };
        let everybody = ClassSet::from_fn(classes, |_| true);
        let (mut fresh, mut again) = (Journeys::new(&world), run.journeys().clone());
        plan(&mut fresh, &everybody);
        plan(&mut again, &everybody);
        let mut ways_home = 0;
        for class in 0..classes {
            let mut alone = Journeys::new(&world);
            plan(&mut alone, &ClassSet::from_fn(classes, |other| other == fresh.planned_as(class)));
            let expected = plans(&world, &alone, class);
            assert_eq!(plans(&world, &fresh, class), expected, "day {day}, class {class}, beside others");
            assert_eq!(plans(&world, &again, class), expected, "day {day}, class {class}, after other plans");
            // No leg leads home sooner than the best journey, and the best one is a leg, a ride or an end.
            for place in 0..world.places.len() {
                let here = fresh.cost(class, place);
                let least = fresh.legs(run.today(), class, place).map(|(_, hours)| hours).fold(f32::INFINITY, f32::min);
                assert!(here <= least, "day {day}, class {class}, place {place}: {here} above {least}");
                ways_home += usize::from(here.is_finite());
            }
        }
        assert!(ways_home > classes * world.places.len() / 2, "{ways_home} ways home");
    }
}
