//! Distances on the globe.

/// Mean radius of the Earth, km (IUGG R1, rounded).
const RADIUS_KM: f64 = 6371.0;

/// Great-circle distance in km between two points given as (latitude, longitude) in degrees, on a sphere (haversine formula).
pub fn great_circle_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let half = |degrees: f64| libm::sin(degrees.to_radians() / 2.0);
    let (north, east) = (half(b.0 - a.0), half(b.1 - a.1));
    let chord = north * north + libm::cos(a.0.to_radians()) * libm::cos(b.0.to_radians()) * east * east;
    2.0 * RADIUS_KM * libm::asin(libm::sqrt(chord).min(1.0))
}
