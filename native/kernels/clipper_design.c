/* clipper_design.c - the clipper's filters and its coefficients. The taps are minimax designs, unity at 0 Hz: half-bands by Remez; the
 * even filters by linear programming, to 1/cos^4(pi f / 8 fs) up to 0.46 fs against a stop band from 1.5 fs; the one of low delay by
 * Lawson's reweighted least squares, to a delay of 17 points of 2x against a stop band from 24.1 kHz. */
#include <math.h>
#include <string.h>

#include "clipper.h"

static const float STEEP[28] = {
    0.635930628f,    -0.210005393f,   0.12366651f,      -0.0858807315f,  0.0643254624f,    -0.0501958994f,  0.0401129657f,
    -0.0325047038f,  0.0265418681f,   -0.0217457167f,   0.0178199039f,   -0.0145701143f,   0.0118623637f,   -0.0095999556f,
    0.0077100936f,   -0.00613577994f, 0.00483077429f,   -0.00375642151f, 0.00287964613f,   -0.00217165276f, 0.00160705079f,
    -0.00116328495f, 0.000820325667f, -0.000560502438f, 0.000368264677f, -0.000229810071f, 0.000133645678f, -8.95361872e-05f};
static const float WIDE[20] = {0.634713095f,     -0.206535811f,   0.118073907f,     -0.0784073778f,  0.0552896594f,
                               -0.0399682716f,   0.0290915471f,   -0.0210899114f,   0.0151132809f,   -0.0106423288f,
                               0.00732528771f,   -0.00490310092f, 0.0031734795f,    -0.00197310067f, 0.00116863287f,
                               -0.000651903326f, 0.000336830356f, -0.000156887362f, 6.2601617e-05f,  -1.96281306e-05f};
static const float SHORT_44[9] = {0.63052161f,    -0.195116121f,  0.100650489f,   -0.0569396669f, 0.0320134759f,
                                  -0.0170159939f, 0.00818191507f, -0.0033438073f, 0.00104809971f};
static const float SHORT_48[12] = {0.632556208f,   -0.200164513f,   0.108127651f,    -0.0658132946f,
                                   0.0411475204f,  -0.0254022466f,  0.0151116534f,   -0.00848582409f,
                                   0.00439493892f, -0.00203144575f, 0.000790402361f, -0.000231050402f};
static const float BETWEEN[6] = {0.618846652f, -0.1639691f, 0.0611098486f, -0.0203209512f, 0.00502769032f, -0.000694139535f};
static const float BETWEEN_SHORT[4] = {0.60999691f, -0.14264164f, 0.0394720452f, -0.00682731467f};
static const float JOIN[8] = {0.458991855f, 0.146768391f,  -0.0777346343f,  -0.0566170514f,
                              0.015910862f, 0.0169978831f, -0.00166032766f, -0.00265699066f};
static const float JOIN_SHORT[6] = {0.450776339f, 0.146943331f, -0.066244714f, -0.0496075526f, 0.00846591685f, 0.00966668036f};
static const float LOW_DELAY[72] = {
    -0.000177286885f, -0.000293260964f, 0.000555708655f, 0.00131736579f,   -0.000615461671f, -0.0035289377f,  -0.000549864082f,
    0.00701696239f,   0.00430479599f,   -0.0115983207f,  -0.0128064398f,   0.0168939605f,    0.0307451282f,   -0.0224215854f,
    -0.0743584856f,   0.0277049411f,    0.289043844f,    0.467660367f,     0.34406513f,      0.036096558f,    -0.127592668f,
    -0.0388192311f,   0.0804629847f,    0.0405078232f,   -0.0574253574f,   -0.0412261598f,   0.0425163545f,   0.0410783552f,
    -0.0314691439f,   -0.0401773043f,   0.022681741f,    0.0386265293f,    -0.0154263787f,   -0.0365137495f,  0.00933531392f,
    0.0339157172f,    -0.00421564234f,  -0.0309082381f,  -3.35533696e-05f, 0.0275739562f,    0.00346539379f,  -0.0240054745f,
    -0.00611118041f,  0.0203054417f,    0.00799677242f,  -0.016583791f,    -0.00915136933f,  0.0129566872f,   0.00961493142f,
    -0.00954535604f,  -0.00944683235f,  0.00647126092f,  0.00873408932f,   -0.00384602509f,  -0.0075956909f,  0.00175742002f,
    0.00618097978f,   -0.000253179722f, -0.00465895981f, -0.000672753202f, 0.0031987878f,    0.00108498335f,  -0.00194463693f,
    -0.00110007823f,  0.000994315837f,  0.000866372138f, -0.000380179234f, -0.000541524554f, 7.52825581e-05f, 0.000248418743f,
    2.27288547e-05f,  -8.33083323e-05f};

static const double STEEP_BELOW_HZ = 46000, SHORT_BELOW_HZ = 66000;

static int is_short(const stream_format *format) {
  return format->latency == LATENCY_LOW && format->sample_rate_hz < SHORT_BELOW_HZ;
}

/* Between 20 kHz and what folds onto it a short symmetric filter at 44.1 kHz has no room. */
static int32_t low_delay_pairs(const stream_format *format) {
  return is_short(format) && format->sample_rate_hz < STEEP_BELOW_HZ ? CLIPPER_LOW_DELAY_PAIRS : 0;
}

static int32_t half_pairs(const stream_format *format) {
  int steep = format->sample_rate_hz < STEEP_BELOW_HZ;
  if (is_short(format)) return steep ? 9 : 12;
  return steep ? 28 : 20;
}

static const float *half_taps(const stream_format *format) {
  int steep = format->sample_rate_hz < STEEP_BELOW_HZ;
  if (is_short(format)) return steep ? SHORT_44 : SHORT_48;
  return steep ? STEEP : WIDE;
}

static int32_t between_pairs(const stream_format *format) { return is_short(format) ? 4 : 6; }

static int32_t join_pairs(const stream_format *format) { return is_short(format) ? 6 : 8; }

/* Half the pairs of a filter lie ahead: of the first and the last at 1x, of the one between at 2x, of the join at 4x. */
uint32_t clipper_latency_frames(const stream_format *format) {
  return (uint32_t)(2 * half_pairs(format) - 1 + between_pairs(format) / 2 + join_pairs(format) / 4);
}

static double linear(double level_db) { return level_db == 0 ? 1 : pow(10, level_db / 20); }

void clipper_design(clipper_coefs *coefs, const clipper_params *params, const stream_format *format) {
  *coefs = (clipper_coefs){.settings = {.drive = params->on ? linear(params->drive_db) : 1,
                                        .threshold = linear(params->threshold_db),
                                        .softness = params->softness_percent / 100,
                                        .wet = params->on ? 1 : 0},
                           .latency_frames = clipper_latency_frames(format),
                           .pairs = half_pairs(format),
                           .between_pairs = between_pairs(format),
                           .join_pairs = join_pairs(format),
                           .low_delay_pairs = low_delay_pairs(format)};
  memcpy(coefs->half, half_taps(format), (size_t)coefs->pairs * sizeof(float));
  memcpy(coefs->between, is_short(format) ? BETWEEN_SHORT : BETWEEN, (size_t)coefs->between_pairs * sizeof(float));
  memcpy(coefs->join, is_short(format) ? JOIN_SHORT : JOIN, (size_t)coefs->join_pairs * sizeof(float));
  memcpy(coefs->low_delay, LOW_DELAY, sizeof coefs->low_delay);
}
