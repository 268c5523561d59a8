/* clock_dll.h - when a device's frames really pass, from the times of its callbacks, which are never early and now and then very late.
 *
 * A delay-locked loop of second order (F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005), fed with the least
 * late callback of each window, as network clocks trust the packet that was delayed least: a stall of 25 ms leaves no trace, and
 * neither do callbacks that come in bursts. At first the loop remembers everything, as a line fitted by least squares would (gains by
 * E. Brookner, "Tracking and Kalman Filtering Made Easy", 1998), until its bandwidth has come down to CLOCK_BANDWIDTH_HZ.
 * Whoever is off by more than any crystal in a whole window has lost time: the loop steps there at once, and keeps the rate.
 *
 * A device with longer periods than its callbacks' blocks calls in bursts, in which all but the last are late. That happens in every
 * window, and a stall does not: the least of the first windows' spreads is what is usual. */
#pragma once
#include <stdint.h>

#define CLOCK_BANDWIDTH_HZ 0.005
#define CLOCK_WINDOW_S 0.5 /* at least, and at least CLOCK_WINDOW_CALLBACKS */
#define CLOCK_MOST_DEVIATION 0.005 /* of a device's rate from the nominal one; crystals keep within 0.0001 */
#define CLOCK_TWO_PI 6.283185307179586
#define CLOCK_ROOT_TWO 1.4142135623730951
enum { CLOCK_WINDOW_CALLBACKS = 8, CLOCK_LEARNING_WINDOWS = 8 };

typedef struct {
  double anchor_s; /* when the frame counted last had passed; monotonic, as all times here */
  double frame_s, nominal_frame_s;
  double least_late_s, most_late_s; /* of this window */
  double usual_late_s; /* how late its callbacks are again and again */
  uint64_t frames, least_late_frames; /* since the anchor: all, and up to the least late callback */
  uint32_t callbacks; /* of this window */
  uint32_t windows;
  int32_t runs;
} clock_dll;

static inline void clock_dll_init(clock_dll *c, double sample_rate_hz) {
  *c = (clock_dll){.frame_s = 1 / sample_rate_hz, .nominal_frame_s = 1 / sample_rate_hz};
}

/* Of the newest callback, had it been on time. */
static inline double clock_dll_time_s(const clock_dll *c) { return c->anchor_s + (double)c->frames * c->frame_s; }

static inline double clock_within(double low, double value, double high) {
  return value < low ? low : value > high ? high : value;
}

static inline void clock_dll_move(clock_dll *c, double phase_gain, double rate_gain) {
  double frames = (double)c->least_late_frames, most_s = CLOCK_MOST_DEVIATION * c->nominal_frame_s;
  c->anchor_s += frames * c->frame_s + phase_gain * c->least_late_s;
  c->frame_s += rate_gain * c->least_late_s / frames;
  c->frame_s = clock_within(c->nominal_frame_s - most_s, c->frame_s, c->nominal_frame_s + most_s);
}

static inline void clock_dll_close_window(clock_dll *c) {
  double span_s = (double)c->least_late_frames * c->frame_s, step_s = CLOCK_MOST_DEVIATION * span_s;
  double k = ++c->windows, omega = CLOCK_TWO_PI * CLOCK_BANDWIDTH_HZ * span_s;
  double phase_fit = 2 * (2 * k - 1) / (k * (k + 1)), phase = CLOCK_ROOT_TWO * omega;
  double rate_fit = 6 / (k * (k + 1)), rate = omega * omega, spread_s = c->most_late_s - c->least_late_s;
  if (k == 1 || (k <= CLOCK_LEARNING_WINDOWS && spread_s < c->usual_late_s)) c->usual_late_s = spread_s;
  if (k == 1 || c->least_late_s > step_s || c->least_late_s < -step_s) clock_dll_move(c, 1, 0);
  else clock_dll_move(c, phase_fit > phase ? phase_fit : phase, rate_fit > rate ? rate_fit : rate);
  c->frames -= c->least_late_frames;
  c->callbacks = 0;
}

/* Each callback, with the frames it brings or asks for; one without any tells nothing. */
static inline void clock_dll_tick(clock_dll *c, uint32_t frames, double now_s) {
  if (!frames) return;
  if (!c->runs) {
    c->anchor_s = now_s, c->runs = 1;
    return;
  }
  c->frames += frames;
  double late_s = now_s - clock_dll_time_s(c);
  if (!c->callbacks || late_s > c->most_late_s) c->most_late_s = late_s;
  if (!c->callbacks++ || late_s <= c->least_late_s) c->least_late_s = late_s, c->least_late_frames = c->frames;
  if (c->callbacks >= CLOCK_WINDOW_CALLBACKS && (double)c->frames * c->nominal_frame_s >= CLOCK_WINDOW_S)
    clock_dll_close_window(c);
}
