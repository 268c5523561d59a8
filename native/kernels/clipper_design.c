/* clipper_design.c - the clipper's filters and its coefficients. The taps are minimax designs (Remez; for the even filters an
 * iteratively weighted fit to 1/cos(pi f / 4 fs) up to 0.46 fs against a stop band from 1.5 fs), unity at 0 Hz. */
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
static const float JOIN[8] = {0.45962338f,   0.146432263f,  -0.0784499446f,  -0.0567650246f,
                              0.0162217629f, 0.0172236463f, -0.00162250866f, -0.00266357456f};
static const float JOIN_SHORT[6] = {0.452618217f, 0.147221752f, -0.0671703255f, -0.0504579803f, 0.00815959596f, 0.00962874103f};

static const double STEEP_BELOW_HZ = 46000, SHORT_BELOW_HZ = 66000;

static int is_short(const stream_format *format) {
  return format->latency == LATENCY_LOW && format->sample_rate_hz < SHORT_BELOW_HZ;
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
                           .join_pairs = join_pairs(format)};
  memcpy(coefs->half, half_taps(format), (size_t)coefs->pairs * sizeof(float));
  memcpy(coefs->between, is_short(format) ? BETWEEN_SHORT : BETWEEN, (size_t)coefs->between_pairs * sizeof(float));
  memcpy(coefs->join, is_short(format) ? JOIN_SHORT : JOIN, (size_t)coefs->join_pairs * sizeof(float));
}
