//! Flee's less common rules, each tried on a change to the made-up folder.

use std::fs;
use std::path::Path;

use corridor::experiment::validate_flee::{CampRun, run};
use corridor::formats::flee::world::{Rules, world};
use corridor::formats::flee::{self, FleeCase};
use corridor::scenario::world::World;

/// The made-up folder with changes: in each named file one text becomes another; a file that is not there is made.
struct Changed {
    folder: tempfile::TempDir,
}

impl Changed {
    fn new(changes: &[(&str, &str, &str)]) -> Self {
        let mini = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flee-mini");
        let folder = tempfile::tempdir().unwrap();
        for part in ["", "input_csv", "source_data"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
            for entry in fs::read_dir(mini.join(part)).unwrap().map(Result::unwrap) {
                if entry.path().is_file() {
                    fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).unwrap();
                }
            }
        }
        for (file, from, to) in changes {
            let path = folder.path().join(file);
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert!(text.contains(from), "{file} does not hold {from}");
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        }
        Self { folder }
    }

    fn case(&self) -> FleeCase {
        flee::read(self.folder.path()).unwrap_or_else(|problems| panic!("{problems}")).0
    }
}

fn world_of(changes: &[(&str, &str, &str)]) -> (FleeCase, World) {
    let case = Changed::new(changes).case();
    let world = world(&case, 1, case.period.days, Rules::Flee);
    (case, world)
}

fn run_of(changes: &[(&str, &str, &str)]) -> CampRun {
    let (case, world) = world_of(changes);
    run(&world, &case.camps(), 1, 0)
}

fn people_in_camps(run: &CampRun) -> u32 {
    run.camps.iter().map(|camp| camp.last().copied().unwrap_or(0)).sum()
}

const SETTINGS: &str = "simsetting.yml";
const LOCATIONS: &str = "input_csv/locations.csv";

#[test]
fn conflict_zones_displace_people_of_their_own() {
    let constant = (
        "  insert_day0: True\n",
        "  insert_day0: True\n  conflict_driven_spawning:\n    displaced_per_conflict_day: 100\n",
    );
    let run = run_of(&[(SETTINGS, constant.0, constant.1)]);
    // 235 in camps; 100 times the intensity on each day: Upperton 1 on days 0-3, Lowerton 0.5 from day 3 on.
    assert_eq!(run.agents, [335, 435, 535, 685, 735, 785, 835, 885]);
    let ratio = "  insert_day0: True\n  conflict_driven_spawning:\n    spawn_mode: pop_ratio\n    displaced_per_conflict_day: 0.01\n";
    let run = run_of(&[(SETTINGS, constant.0, ratio)]);
    assert_eq!(run.agents[..3], [635, 1035, 1435]);
    let taken = format!("{ratio}  take_from_population: True\n");
    let run = run_of(&[(SETTINGS, constant.0, &taken)]);
    assert_eq!(run.agents[..3], [635, 635 + 396, 635 + 396 + 392]);
    let poisson = "  insert_day0: True\n  conflict_driven_spawning:\n    spawn_mode: poisson\n    displaced_per_conflict_day: 400\n";
    let run = run_of(&[(SETTINGS, constant.0, poisson)]);
    let new = run.agents[0] - 235;
    assert!((320..480).contains(&new), "a draw of mean 400 and standard deviation 20: {new}");
    assert_ne!(new, run.agents[1] - run.agents[0]);
}

#[test]
fn floods_displace_people_and_drive_them_on() {
    let settings = "spawn_rules:\n  take_from_population: True\n  conflict_zone_spawning_only: False\n  flood_zone_spawning_only: True\n  \
                    flood_driven_spawn_mode:\n    spawn_mode: constant\n    displaced_per_flood_day: [0, 50, 70]\nmove_rules:\n  \
                    flood_rules:\n    max_flood_level: 2\n    flood_movechances: [0.0, 0.5, 1.0]\n    flood_loc_weights: [1.0, 0.5, 0.1]\n";
    let changes = [
        (SETTINGS, "", "x"),
        ("input_csv/flood_level.csv", "", "#Day,Mid\n0,0\n"),
        (LOCATIONS, "conflict_zone,0,40000", "flood_zone,,40000"),
        (LOCATIONS, "conflict_zone,3,20000", "town,,20000"),
    ];
    let changed = Changed::new(&changes[2..]);
    let dir = changed.folder.path();
    fs::write(dir.join(SETTINGS), settings).unwrap();
    let levels = "#Day,Upperton\n0,0\n1,1\n2,2\n3,2\n4,1\n5,0\n6,0\n7,0\n";
    fs::write(dir.join("input_csv/flood_level.csv"), levels).unwrap();
    for name in ["Upperton", "Lowerton", "\"Mid, Vale\"", "Ferry Post"] {
        let layout = dir.join("source_data/data_layout.csv");
        let text = fs::read_to_string(&layout).unwrap();
        fs::write(layout, format!("{}\n{name},west.csv\n", text.trim_end())).unwrap();
    }
    let case = changed.case();
    let world = world(&case, 1, case.period.days, Rules::Flee);
    let result = run(&world, &case.camps(), 1, 0);
    let new: Vec<u64> = result.agents.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(new, [50, 70, 70, 50, 0, 0, 0]);
    let score = &world.conditions.score;
    assert_eq!([0, 1, 2, 5].map(|day| score.at(day, 0)), [1.0, 0.5, 0.1, 1.0]);
    assert_eq!([1, 2].map(|day| world.conditions.move_chance.at(day, 0)), [0.5, 1.0]);
}

#[test]
fn hungry_people_leave_and_hungry_places_are_shunned() {
    let (_, world) = world_of(&[
        (SETTINGS, "move_rules:\n", "move_rules:\n  flee_when_starving: True\n  avoid_food_deprived_locations: True\n"),
        ("input_csv/region_attributes_IPC.csv", "", "#Day,South\n0,0\n10,50\n"),
    ]);
    // Mid, Vale on day 4: 20 % hungry.
    let near = |a: f32, b: f64| assert!((f64::from(a) - b).abs() < 1e-6, "{a} is not {b}");
    near(world.conditions.move_chance.at(4, 2), 0.2 + 0.8 * 0.3);
    near(world.conditions.score.at(4, 2), 1.0 - 0.04);
    near(world.conditions.score.at(4, 5), 1.0);
    near(world.conditions.move_chance.at(0, 2), 0.3);
}

#[test]
fn room_grows_and_camps_can_be_left_for_good() {
    let header = (
        "lat,lon,location_type,conflict_date,pop/cap",
        "lat,lon,location_type,conflict_date,pop/cap,capacity_per_day,deactivation_probability",
    );
    let rows = [
        (LOCATIONS, header.0, header.1),
        (LOCATIONS, "conflict_zone,0,40000", "conflict_zone,0,40000,0,0"),
        (LOCATIONS, "conflict_zone,3,20000", "conflict_zone,3,20000,0,0"),
        (LOCATIONS, "town,,", "town,,,0,0"),
        (LOCATIONS, "forwarding_hub,,", "forwarding_hub,,,0,0"),
        (LOCATIONS, "camp,,3000", "camp,,3000,7,0.5"),
        (LOCATIONS, "camp,,0", "camp,,0,0,0.5"),
    ];
    let (_, world) = world_of(&rows);
    assert_eq!(world.conditions.capacity_per_day[4], 7.0);
    let stay = run_of(&rows);
    let mut sinks = rows.to_vec();
    sinks.push((SETTINGS, "spawn_rules:\n", "spawn_rules:\n  camps_are_sicks: True\n"));
    let leave = run_of(&sinks);
    assert_eq!(stay.agents, leave.agents, "those who left for good still count among all");
    // Of the 165 in Eastcamp on day 0 half leave on each day.
    let east = &leave.camps[0];
    assert!((60..105).contains(&east[0]) && people_in_camps(&leave) < people_in_camps(&stay) / 3, "{east:?}");
}

#[test]
fn in_harvest_months_all_are_at_home() {
    // The run begins on 27 February; March has 31 days.
    let run = run_of(&[(SETTINGS, "move_rules:\n", "move_rules:\n  harvest_months: [3]\n")]);
    let initial: Vec<u32> = run.camps.iter().map(|camp| camp[7]).collect();
    assert_eq!(initial, [165, 70], "those who were in camps from the start are at home there; all others are not");
    let usual = run_of(&[]);
    assert!(people_in_camps(&usual) > 235);
}

#[test]
fn demographic_rules_make_classes_with_tastes_of_their_own() {
    let (_, world) = world_of(&[
        (
            SETTINGS,
            "move_rules:\n",
            "move_rules:\n  ChildrenAvoidHazards: True\n  BoysTakeRisk: True\n  WomenAvoidHazards: True\n",
        ),
        ("input_csv/demographics_age.csv", "", "age,Default\n10,1\n40,2\n"),
        ("input_csv/demographics_gender.csv", "", "gender,Default,Upperton\nmale,1,0\nfemale,1,1\n"),
    ]);
    let tastes = &world.conditions.tastes;
    let mut powers: Vec<f64> = tastes.iter().map(|taste| taste.power).collect();
    powers.sort_by(f64::total_cmp);
    assert_eq!(powers, [0.0, 2.0, 4.0], "men, boys and women, girls");
    assert_eq!(world.classes.len(), 3);
    // Upperton has women and girls only.
    assert_eq!(world.conditions.mix[0].len(), 2);
    let weights: f64 = world.conditions.mix[0].iter().map(|(_, weight)| weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let run = run(&world, &[4, 5], 1, 0);
    assert_eq!(run.agents.last(), Some(&1300));
}

#[test]
fn people_prefer_places_where_their_own_live() {
    let header = ("lat,lon,location_type,conflict_date,pop/cap", "lat,lon,location_type,conflict_date,pop/cap,north");
    let (_, world) = world_of(&[
        (LOCATIONS, header.0, header.1),
        (LOCATIONS, "conflict_zone,0,40000", "conflict_zone,0,40000,10000"),
        (LOCATIONS, "conflict_zone,3,20000", "conflict_zone,3,20000,1000"),
        (SETTINGS, "move_rules:\n", "move_rules:\n  MatchConflictEthnicity: True\n  MatchTownEthnicity: True\n"),
        ("input_csv/demographics_ethnicity.csv", "", "ethnicity,Default\nnorth,1\nsouth,1\n"),
    ]);
    assert_eq!(world.conditions.tastes[0].in_conflict[..2], [2.5, 0.5]);
    assert_eq!(world.conditions.tastes[1].in_conflict[..2], [0.0, 0.0]);
}

#[test]
fn a_place_that_nobody_can_leave_keeps_its_people() {
    let run = run_of(&[("input_csv/closures.csv", "location,Ferry Post,,6,-1", "location,Upperton,,0,-1")]);
    // From Upperton nobody gets out on the first three days; those in camps at the start may change camps.
    assert!((0..3).all(|day| run.camps[0][day] + run.camps[1][day] <= 235));
    assert!((0..3).any(|day| run_of(&[]).camps.iter().map(|camp| camp[day]).sum::<u32>() > 235));
    let frozen = run_of(&[(SETTINGS, "move_rules:\n", "move_rules:\n  awareness_level: 0\n")]);
    assert_eq!(people_in_camps(&frozen), 235, "with an awareness of 0 nobody moves");
}

#[test]
fn major_routes_are_known_from_their_ends() {
    let (_, world) = world_of(&[
        (SETTINGS, "move_rules:\n", "move_rules:\n  fixed_routes: True\n"),
        ("input_csv/major_routes.csv", "", "Upperton,\"Mid, Vale\",Ferry Post,Eastcamp\n"),
    ]);
    assert_eq!(world.conditions.known_paths, [vec![0, 4, 6], vec![7, 5, 1]]);
    let with = run(&world, &[4, 5], 1, 0);
    assert!(with.camps[0][2] > run_of(&[]).camps[0][2], "the camp is in sight from the start");
}

#[test]
fn speed_limits_walking_and_markers_hold() {
    // 45.5 km at 10 km a day: nobody comes through within 4 days.
    let routes = "input_csv/routes.csv";
    let changes = [
        (routes, "#name1,name2,distance,forced_redirection", "#name1,name2,distance,forced_redirection,max_move_speed"),
        (routes, "Upperton,\"Mid, Vale\",80,", "Upperton,\"Mid, Vale\",80,,200"),
        (routes, "Lowerton,\"Mid, Vale\",60,0", "Lowerton,\"Mid, Vale\",60,0,200"),
        (routes, "Ferry Post,45.5,", "Ferry Post,45.5,,10"),
        (routes, "Eastcamp,70,", "Eastcamp,70,,200"),
        (routes, "Westcamp,120,2", "Westcamp,120,2,200"),
    ];
    let slow = run_of(&changes);
    assert!((0..5).all(|day| slow.camps[0][day] + slow.camps[1][day] <= 235));
    let (_, world) = world_of(&changes);
    assert_eq!(world.links[4].range, Some(10.0));
    let on_foot = run_of(&[(SETTINGS, "move_rules:\n", "move_rules:\n  start_on_foot: True\n  max_walk_speed: 8\n")]);
    let all = |day: usize| on_foot.camps[0][day] + on_foot.camps[1][day];
    assert!((0..8).all(|day| all(day) <= 235), "60 and 80 km on foot at 8 km a day take longer than the run");
    let marker = run_of(&[(LOCATIONS, "forwarding_hub", "marker")]);
    assert!(marker.camps[0][1] > 165, "camps behind a marker are in sight of the town before it");
}
