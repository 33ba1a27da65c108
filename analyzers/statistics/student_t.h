#pragma once

namespace switchyard::statistics {

/// Regularised incomplete beta function I_x(a, b); `complement` is 1 - x, passed so that neither
/// end cancels. a, b > 0, x in [0, 1]. Continued fraction (DLMF 8.17.22), modified Lentz.
double incompleteBeta(double a, double b, double x, double complement);

/// P(T > t) of Student's t with df > 0 degrees of freedom (any positive real).
double studentTSurvival(double t, double df);

/// P(|T| >= |t|).
double studentTTwoSided(double t, double df);

/// The t >= 0 with P(T > t) = tail. tail in (0, 0.5]; Newton steps kept inside a bracket.
/// Relative error about 1e-13.
double studentTUpperQuantile(double tail, double df);

} // namespace switchyard::statistics
