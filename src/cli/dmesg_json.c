/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dmesg_json.h"

#include "dmesg_text.h"

static json_t *number_or_null(bool known, uint64_t number)
{
	return known ? json_count(number) : json_null();
}

static json_t *word_or_null(const char *word)
{
	return json_text(word && word[0] ? word : NULL);
}

json_t *dmesg_json_record(const struct vmc_dmesg_record *record)
{
	bool leveled = record->has_level;
	bool cpu = record->caller & VMC_DMESG_CALLER_CPU;
	uint32_t caller = record->caller & ~VMC_DMESG_CALLER_CPU;
	json_t *object = json_object();

	object = json_with(object, "seq", json_count(record->seq));
	object = json_with(object, "time", number_or_null(record->has_time, record->time));
	object = json_with(object, "level", number_or_null(leveled, record->level));
	object = json_with(object, "level_name",
			   json_text(leveled ? dmesg_level_name(record->level) : NULL));
	object = json_with(object, "facility", number_or_null(leveled, record->facility));
	object = json_with(object, "facility_name",
			   json_text(leveled ? dmesg_facility_name(record->facility) : NULL));
	object = json_with(object, "flags", json_count(record->flags));
	object = json_with(object, "thread", number_or_null(record->has_caller && !cpu, caller));
	object = json_with(object, "cpu", number_or_null(record->has_caller && cpu, caller));
	object = json_with(object, "subsystem", word_or_null(record->subsystem));
	object = json_with(object, "device", word_or_null(record->device));
	return json_with(object, "text",
			 record->text ? json_text_sized(record->text, record->size) : json_null());
}

const char *dmesg_json_form(enum vmc_dmesg_form form)
{
	switch (form) {
	case VMC_DMESG_RING:
		return "ring";
	case VMC_DMESG_RECORDS:
		return "records";
	case VMC_DMESG_FLAT:
		break;
	}
	return "flat";
}
