/* gauges.h - the engine's meters: readings are merged until collected, so no peak falls between two collections and none is
 * reported twice; counters count since engine_init. Audio thread, except gauges_collect. */
#pragma once
#include "engine_state.h"

static inline void gauge_raise(double *most, double value) {
  if (value > *most) *most = value;
}

static inline void gauge_side(engine_point_meters *meters, int side, const double *samples, uint32_t frames) {
  double most = 0, sum = 0;
  for (uint32_t n = 0; n < frames; n++) {
    double size = __builtin_fabs(samples[n]);
    most = size > most ? size : most;
    sum += size * size;
  }
  gauge_raise(&meters->sample_peak[side], most);
  meters->mean_square[side] += sum;
}

/* One chunk at a measuring point. */
static inline void gauge_point(engine *e, int at, const double *left, const double *right, uint32_t frames) {
  if (!__atomic_load_n(&e->metering, __ATOMIC_RELAXED)) return;
  measuring_point *point = &e->point[at];
  engine_point_meters *meters = &e->block.point[at];
  measuring_process(&point->state, &point->coefs, left, right, frames);
  gauge_side(meters, 0, left, frames);
  gauge_side(meters, 1, right, frames);
  for (int side = 0; side < 2; side++) {
    gauge_raise(&meters->true_peak[side], point->state.truepeak.peak[side]);
    point->state.truepeak.peak[side] = 0;
  }
}

/* Moves a processor's own gauge, which starts again. */
static inline void gauge_take(double *most, double *gauge) {
  gauge_raise(most, *gauge);
  *gauge = 0;
}

/* The processors' own gauges, once per block. */
static inline void gauge_stages(engine *e) {
  engine_reductions *into = &e->block.reduction_db;
  chain *stages = &e->chain;
  for (int side = 0; side < 2; side++) {
    for (int band = 0; band < MULTIBAND_BANDS; band++)
      gauge_take(&into->multiband[band][side], &stages->multiband.reduction_db[band][side]);
    gauge_take(&into->compressor[side], &stages->compressor.reduction_db[side]);
    e->counters.agc_gain_db[side] = stages->agc.gain_db[side];
  }
  gauge_take(&into->clipper, &stages->clipper.reduction_db);
  gauge_take(&into->limiter, &stages->limiter.reduction_db);
  e->counters.agc_frozen = stages->agc.frozen;
  memcpy(e->counters.eq_offset_db, stages->eq.offset_db, sizeof e->counters.eq_offset_db);
}

static inline void gauge_time(engine *e, uint32_t frames, uint64_t took_ns) {
  double period_ns = 1e9 * frames / e->format.sample_rate_hz;
  double bin = (double)took_ns / period_ns * 20;
  e->counters.histogram[bin < ENGINE_HISTOGRAM_BINS - 1 ? (int)bin : ENGINE_HISTOGRAM_BINS - 1]++;
  e->counters.late_blocks += (double)took_ns > period_ns;
  e->counters.total_ns += took_ns;
  if (took_ns > e->counters.longest_ns) e->counters.longest_ns = took_ns;
}

static inline void gauges_merge_point(engine_point_meters *into, const engine_point_meters *from) {
  for (int side = 0; side < 2; side++) {
    gauge_raise(&into->sample_peak[side], from->sample_peak[side]);
    gauge_raise(&into->true_peak[side], from->true_peak[side]);
    into->mean_square[side] += from->mean_square[side];
  }
}

static inline void gauges_merge_reductions(engine_reductions *into, const engine_reductions *from) {
  for (int side = 0; side < 2; side++) {
    for (int band = 0; band < MULTIBAND_BANDS; band++) gauge_raise(&into->multiband[band][side], from->multiband[band][side]);
    gauge_raise(&into->compressor[side], from->compressor[side]);
  }
  gauge_raise(&into->clipper, from->clipper);
  gauge_raise(&into->limiter, from->limiter);
}

static inline void gauges_merge(engine_readings *into, const engine_readings *from) {
  for (int at = 0; at < ENGINE_POINTS; at++) gauges_merge_point(&into->point[at], &from->point[at]);
  gauges_merge_reductions(&into->reduction_db, &from->reduction_db);
  into->frames += from->frames;
}

static inline void gauges_fill(engine *e) {
  engine_report *report = &e->report[e->reports.back];
  report->counters = e->counters;
  report->readings = e->running;
}

static inline void gauges_post(engine *e) {
  gauges_merge(&e->running, &e->block);
  gauges_fill(e);
  if (!mailbox_replace(&e->reports)) { /* the last report was collected: this one holds only what came after it */
    e->running = e->block;
    gauges_fill(e);
    mailbox_post(&e->reports);
  }
  e->block = (engine_readings){.frames = 0};
}

/* Control thread. */
static inline int32_t gauges_collect(engine *e, engine_meters *meters) {
  if (!mailbox_take(&e->reports)) return 0;
  const engine_report *report = &e->report[e->reports.front];
  const engine_readings *readings = &report->readings;
  *meters = report->counters;
  memcpy(meters->point, readings->point, sizeof meters->point);
  memcpy(meters->multiband_reduction_db, readings->reduction_db.multiband, sizeof meters->multiband_reduction_db);
  memcpy(meters->compressor_reduction_db, readings->reduction_db.compressor, sizeof meters->compressor_reduction_db);
  meters->clipper_reduction_db = readings->reduction_db.clipper;
  meters->limiter_reduction_db = readings->reduction_db.limiter;
  for (int at = 0; at < ENGINE_POINTS; at++)
    for (int side = 0; side < 2; side++) meters->point[at].mean_square[side] /= (double)readings->frames;
  meters->xruns = __atomic_load_n(&e->xruns, __ATOMIC_RELAXED);
  meters->refused_blocks = __atomic_load_n(&e->refused_blocks, __ATOMIC_RELAXED);
  return 1;
}
