/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write/pipeline.h"

#include "base/checked.h"
#include "base/thread.h"

/* Units beside those that are being filled: one that is being written, and one for who is done
 * early.  More gain nothing. */
#define SPARE_UNITS 2

enum slot_state {
	SLOT_FREE,
	SLOT_PLANNED, /* waits for a worker */
	SLOT_TAKEN,   /* is being filled, without the lock */
	SLOT_FILLED,  /* or failed */
};

struct slot {
	enum slot_state state;
	struct unit *unit;
	struct vmc_error *err; /* when FILLED: why it is not */
};

struct worker {
	struct pipeline *pipeline;
	struct encoder *encoder;
	pthread_t thread;
};

struct pipeline {
	struct unit_planner planner;
	struct vmc_error *planner_err; /* comes after the units that were planned before */

	struct worker *workers;
	unsigned int encoders; /* workers that have one: those below */
	unsigned int started;  /* threads; 0: the caller has the first encoder */

	/* Unit number N is in slots[N % slot_count].  Those of [first, end) are on their way. */
	struct slot *slots;
	size_t slot_count;
	uint64_t first, end;
	bool given; /* the first is with the caller */

	/* The states of slots and what follows belong to who has the lock. */
	pthread_mutex_t lock;
	pthread_cond_t planned; /* a slot became PLANNED, or it is time to stop */
	pthread_cond_t filled;  /* the first became FILLED */
	uint64_t next;          /* none before it is PLANNED */
	unsigned int running;   /* threads that have not given up */
	bool stop;
};

static size_t slots_for(unsigned int threads)
{
	return threads > 1 ? (size_t)threads + SPARE_UNITS : 1;
}

/* With so many threads, each of which takes @encoder bytes beside its stack. */
static uint64_t memory_of(unsigned int threads, uint64_t encoder)
{
	uint64_t worker = sizeof(struct worker) + encoder;
	uint64_t slot = sizeof(struct slot) + unit_memory();

	if (threads > 1)
		worker += THREAD_STACK_SIZE;
	return sizeof(struct pipeline) + threads * worker + slots_for(threads) * slot;
}

uint64_t pipeline_memory(const struct vmc_plan *plan, const struct encoder_options *options,
			 unsigned int threads)
{
	return memory_of(threads, encoder_memory(plan, options));
}

unsigned int pipeline_threads_in(const struct vmc_plan *plan, const struct encoder_options *options,
				 uint64_t bytes, unsigned int most)
{
	uint64_t encoder = encoder_memory(plan, options);

	while (most && memory_of(most, encoder) > bytes)
		most--;
	return most;
}

static struct slot *slot_of(struct pipeline *pipeline, uint64_t number)
{
	return &pipeline->slots[number % pipeline->slot_count];
}

/* The first unit that waits for a worker, now taken; NULL: none. */
static struct slot *take_planned(struct pipeline *pipeline)
{
	for (; pipeline->next < pipeline->end; pipeline->next++) {
		struct slot *slot = slot_of(pipeline, pipeline->next);

		if (slot->state == SLOT_PLANNED) {
			slot->state = SLOT_TAKEN;
			pipeline->next++;
			return slot;
		}
	}
	return NULL;
}

static struct slot *wait_planned(struct pipeline *pipeline)
{
	struct slot *slot = NULL;

	while (!pipeline->stop && !(slot = take_planned(pipeline)))
		pthread_cond_wait(&pipeline->planned, &pipeline->lock);
	return slot;
}

/* A thread that memory is short for leaves its unit to the others and ends. */
static void give_back(struct pipeline *pipeline, struct slot *slot)
{
	unit_reset(slot->unit);
	slot->state = SLOT_PLANNED;
	pipeline->next = pipeline->first;
	pipeline->running--;
	pthread_cond_signal(&pipeline->planned);
}

static void *worker_run(void *arg)
{
	struct worker *worker = arg;
	struct pipeline *pipeline = worker->pipeline;
	struct slot *slot;
	bool go_on = true;

	pthread_mutex_lock(&pipeline->lock);
	while (go_on && (slot = wait_planned(pipeline))) {
		pthread_mutex_unlock(&pipeline->lock);

		struct vmc_error *err = encoder_fill(worker->encoder, slot->unit);

		pthread_mutex_lock(&pipeline->lock);
		go_on = !err || pipeline->running == 1;
		if (!go_on) {
			vmc_error_free(err);
			give_back(pipeline, slot);
			break;
		}
		slot->err = err;
		slot->state = SLOT_FILLED;
		if (slot == slot_of(pipeline, pipeline->first))
			pthread_cond_signal(&pipeline->filled);
	}
	pthread_mutex_unlock(&pipeline->lock);
	if (!go_on)
		encoder_destroy(take_ptr(worker->encoder));
	return NULL;
}

/* As many encoders as there is memory for, but one at least. */
static struct vmc_error *create_encoders(struct pipeline *pipeline, const struct vmc_plan *plan,
					 const struct encoder_options *options,
					 unsigned int threads)
{
	pipeline->workers = calloc(threads, sizeof(*pipeline->workers));
	if (!pipeline->workers)
		return error_nomem();
	while (pipeline->encoders < threads) {
		struct worker *worker = &pipeline->workers[pipeline->encoders];
		struct vmc_error *err = encoder_create(plan, options, &worker->encoder);

		if (err && !pipeline->encoders)
			return err;
		vmc_error_free(err);
		if (err)
			break;
		worker->pipeline = pipeline;
		pipeline->encoders++;
	}
	return NULL;
}

static void destroy_encoders(struct pipeline *pipeline, unsigned int left)
{
	while (pipeline->encoders > left)
		encoder_destroy(pipeline->workers[--pipeline->encoders].encoder);
}

/* As many units as the encoders can use, or fewer, but one at least. */
static struct vmc_error *create_units(struct pipeline *pipeline)
{
	size_t wanted = slots_for(pipeline->encoders);

	pipeline->slots = calloc(wanted, sizeof(*pipeline->slots));
	if (!pipeline->slots)
		return error_nomem();
	while (pipeline->slot_count < wanted) {
		struct vmc_error *err = unit_create(&pipeline->slots[pipeline->slot_count].unit);

		if (err && !pipeline->slot_count)
			return err;
		vmc_error_free(err);
		if (err)
			break;
		pipeline->slot_count++;
	}
	return NULL;
}

static void destroy_units(struct pipeline *pipeline, size_t left)
{
	while (pipeline->slot_count > left) {
		struct slot *slot = &pipeline->slots[--pipeline->slot_count];

		vmc_error_free(slot->err);
		unit_destroy(slot->unit);
	}
}

unsigned int pipeline_threads(const struct pipeline *pipeline)
{
	return pipeline->started ? pipeline->started : 1;
}

static void stop_threads(struct pipeline *pipeline)
{
	pthread_mutex_lock(&pipeline->lock);
	pipeline->stop = true;
	pthread_cond_broadcast(&pipeline->planned);
	pthread_mutex_unlock(&pipeline->lock);
	while (pipeline->started)
		pthread_join(pipeline->workers[--pipeline->started].thread, NULL);
}

/* Two at least: one alone would only take the caller's place. */
static void start_threads(struct pipeline *pipeline)
{
	size_t most = min_u64(pipeline->encoders, pipeline->slot_count - 1);

	while (pipeline->started < most) {
		struct worker *worker = &pipeline->workers[pipeline->started];

		if (!thread_start(worker_run, worker, &worker->thread))
			break;
		pipeline->started++;
	}
	if (pipeline->started < 2)
		stop_threads(pipeline);
	pthread_mutex_lock(&pipeline->lock);
	pipeline->running = pipeline->started;
	pthread_mutex_unlock(&pipeline->lock);
	destroy_encoders(pipeline, pipeline_threads(pipeline));
	destroy_units(pipeline, slots_for(pipeline_threads(pipeline)));
}

struct vmc_error *pipeline_create(const struct vmc_plan *plan,
				  const struct encoder_options *options, unsigned int threads,
				  struct pipeline **ret_pipeline)
{
	_cleanup_(pipeline_destroy) struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline)
		return error_nomem();
	unit_planner_init(&pipeline->planner, plan);
	pthread_mutex_init(&pipeline->lock, NULL);
	pthread_cond_init(&pipeline->planned, NULL);
	pthread_cond_init(&pipeline->filled, NULL);
	TRY(create_encoders(pipeline, plan, options, threads));
	TRY(create_units(pipeline));
	if (pipeline->slot_count > 1)
		start_threads(pipeline);
	*ret_pipeline = take_ptr(pipeline);
	return NULL;
}

void pipeline_destroy(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	stop_threads(pipeline);
	destroy_encoders(pipeline, 0);
	destroy_units(pipeline, 0);
	unit_planner_deinit(&pipeline->planner);
	vmc_error_free(pipeline->planner_err);
	pthread_cond_destroy(&pipeline->filled);
	pthread_cond_destroy(&pipeline->planned);
	pthread_mutex_destroy(&pipeline->lock);
	free(pipeline->slots);
	free(pipeline->workers);
	free(pipeline);
}

static struct vmc_error *next_alone(struct pipeline *pipeline, vmc_pfn end,
				    const struct unit **ret_unit)
{
	struct unit *unit = pipeline->slots[0].unit;

	TRY(unit_plan(unit, &pipeline->planner, end));
	if (unit->page_count)
		TRY(encoder_fill(pipeline->workers[0].encoder, unit));
	*ret_unit = unit->page_count ? unit : NULL;
	return NULL;
}

/* Plans as many units as there is room for; a slot that is free is nobody else's. */
static void plan_units(struct pipeline *pipeline, vmc_pfn end)
{
	while (!pipeline->planner_err && pipeline->end - pipeline->first < pipeline->slot_count) {
		struct slot *slot = slot_of(pipeline, pipeline->end);

		pipeline->planner_err = unit_plan(slot->unit, &pipeline->planner, end);
		if (pipeline->planner_err || !slot->unit->page_count)
			return;
		pthread_mutex_lock(&pipeline->lock);
		slot->state = SLOT_PLANNED;
		pipeline->end++;
		pthread_cond_signal(&pipeline->planned);
		pthread_mutex_unlock(&pipeline->lock);
	}
}

static struct vmc_error *wait_filled(struct pipeline *pipeline, struct slot *slot)
{
	pthread_mutex_lock(&pipeline->lock);
	while (slot->state != SLOT_FILLED)
		pthread_cond_wait(&pipeline->filled, &pipeline->lock);
	pthread_mutex_unlock(&pipeline->lock);
	return take_ptr(slot->err);
}

struct vmc_error *pipeline_next(struct pipeline *pipeline, vmc_pfn end,
				const struct unit **ret_unit)
{
	if (!pipeline->started)
		return next_alone(pipeline, end, ret_unit);
	if (pipeline->given) {
		pthread_mutex_lock(&pipeline->lock);
		slot_of(pipeline, pipeline->first)->state = SLOT_FREE;
		pipeline->first++;
		pthread_mutex_unlock(&pipeline->lock);
		pipeline->given = false;
	}
	plan_units(pipeline, end);
	*ret_unit = NULL;
	if (pipeline->first == pipeline->end)
		return take_ptr(pipeline->planner_err);
	TRY(wait_filled(pipeline, slot_of(pipeline, pipeline->first)));
	*ret_unit = slot_of(pipeline, pipeline->first)->unit;
	pipeline->given = true;
	return NULL;
}
