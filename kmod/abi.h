/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ABI's offsets, frozen. Compiled into the module and into the programs: a
 * change of a struct that moves a member breaks both builds.
 */
#ifndef TTLOG_ABI_H
#define TTLOG_ABI_H

#define ABI_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "size of struct " #type)
#define ABI_OFFSET(type, member, offset)				\
	_Static_assert(__builtin_offsetof(struct type, member) == (offset), \
		       "offset of " #member " in struct " #type)

ABI_SIZE(ttlog_service, 40);
ABI_OFFSET(ttlog_service, uid, 32);

ABI_SIZE(ttlog_probe_name, 176);
ABI_OFFSET(ttlog_probe_name, offset, 128);
ABI_OFFSET(ttlog_probe_name, flags, 136);
ABI_OFFSET(ttlog_probe_name, nr_args, 140);
ABI_OFFSET(ttlog_probe_name, reserved, 144);

ABI_SIZE(ttlog_host, 408);
ABI_OFFSET(ttlog_host, release, 72);
ABI_OFFSET(ttlog_host, version, 144);
ABI_OFFSET(ttlog_host, machine, 216);
ABI_OFFSET(ttlog_host, kernel_boot_id, 288);
ABI_OFFSET(ttlog_host, abi_major, 304);
ABI_OFFSET(ttlog_host, abi_minor, 308);
ABI_OFFSET(ttlog_host, state, 312);
ABI_OFFSET(ttlog_host, mono, 320);
ABI_OFFSET(ttlog_host, boot, 328);
ABI_OFFSET(ttlog_host, real, 336);

ABI_SIZE(ttlog_map, 55840);
ABI_OFFSET(ttlog_map, layout, 8);
ABI_OFFSET(ttlog_map, nr_cpus, 12);
ABI_OFFSET(ttlog_map, key, 16);
ABI_OFFSET(ttlog_map, boot_id, 24);
ABI_OFFSET(ttlog_map, block_size, 40);
ABI_OFFSET(ttlog_map, nr_channels, 44);
ABI_OFFSET(ttlog_map, generation, 48);
ABI_OFFSET(ttlog_map, nr_services, 56);
ABI_OFFSET(ttlog_map, nr_probes, 60);
ABI_OFFSET(ttlog_map, created, 64);
ABI_OFFSET(ttlog_map, size, 72);
ABI_OFFSET(ttlog_map, frames_page, 80);
ABI_OFFSET(ttlog_map, frames_offset, 88);
ABI_OFFSET(ttlog_map, nr_frames, 96);
ABI_OFFSET(ttlog_map, created_real, 104);
ABI_OFFSET(ttlog_map, room, 112);
ABI_OFFSET(ttlog_map, over, 120);
ABI_OFFSET(ttlog_map, service, 136);
ABI_OFFSET(ttlog_map, probe, 10376);
ABI_OFFSET(ttlog_map, host, 55432);

ABI_SIZE(ttlog_ring, 320);
ABI_OFFSET(ttlog_ring, layout, 8);
ABI_OFFSET(ttlog_ring, cpu, 12);
ABI_OFFSET(ttlog_ring, channel, 16);
ABI_OFFSET(ttlog_ring, block_size, 20);
ABI_OFFSET(ttlog_ring, nr_blocks, 24);
ABI_OFFSET(ttlog_ring, nr_spare, 28);
ABI_OFFSET(ttlog_ring, boot_id, 32);
ABI_OFFSET(ttlog_ring, size, 48);
ABI_OFFSET(ttlog_ring, data_offset, 56);
ABI_OFFSET(ttlog_ring, frames_offset, 64);
ABI_OFFSET(ttlog_ring, nr_frames, 72);
ABI_OFFSET(ttlog_ring, created, 80);
ABI_OFFSET(ttlog_ring, seal, 88);
ABI_OFFSET(ttlog_ring, head, 128);
ABI_OFFSET(ttlog_ring, base, 136);
ABI_OFFSET(ttlog_ring, outer, 144);
ABI_OFFSET(ttlog_ring, depth, 152);
ABI_OFFSET(ttlog_ring, intent, 160);
ABI_OFFSET(ttlog_ring, hold, 168);
ABI_OFFSET(ttlog_ring, mark, 176);
ABI_OFFSET(ttlog_ring, lost, 192);
ABI_OFFSET(ttlog_ring, demoted, 256);

ABI_SIZE(ttlog_block, 152);
ABI_OFFSET(ttlog_block, layout, 8);
ABI_OFFSET(ttlog_block, cpu, 12);
ABI_OFFSET(ttlog_block, channel, 16);
ABI_OFFSET(ttlog_block, boot_id, 24);
ABI_OFFSET(ttlog_block, start, 40);
ABI_OFFSET(ttlog_block, first, 48);
ABI_OFFSET(ttlog_block, mono, 56);
ABI_OFFSET(ttlog_block, boot, 64);
ABI_OFFSET(ttlog_block, real, 72);
ABI_OFFSET(ttlog_block, lost, 80);
ABI_OFFSET(ttlog_block, ready, 144);

ABI_OFFSET(ttlog_event, time, 8);
ABI_OFFSET(ttlog_event, ids, 16);
ABI_OFFSET(ttlog_event, uid, 24);
ABI_OFFSET(ttlog_event, cgroup_lo, 28);
ABI_OFFSET(ttlog_event, cgroup_hi, 32);
ABI_OFFSET(ttlog_event, comm, 34);
ABI_OFFSET(ttlog_event, body, TTLOG_EVENT_SIZE);

ABI_SIZE(ttlog_probe_body, TTLOG_PROBE_BODY_SIZE);

ABI_SIZE(ttlog_info, 120);
ABI_OFFSET(ttlog_info, map_size, 32);
ABI_OFFSET(ttlog_info, generation, 40);
ABI_OFFSET(ttlog_info, memory, 48);
ABI_OFFSET(ttlog_info, mono, 56);
ABI_OFFSET(ttlog_info, boot, 64);
ABI_OFFSET(ttlog_info, real, 72);
ABI_OFFSET(ttlog_info, created, 80);
ABI_OFFSET(ttlog_info, boot_id, 88);
ABI_OFFSET(ttlog_info, level_mask, 104);
ABI_OFFSET(ttlog_info, helper, 108);
ABI_OFFSET(ttlog_info, services, 112);

ABI_SIZE(ttlog_ring_info, 56);
ABI_OFFSET(ttlog_ring_info, offset, 8);
ABI_OFFSET(ttlog_ring_info, size, 16);
ABI_OFFSET(ttlog_ring_info, data_offset, 24);
ABI_OFFSET(ttlog_ring_info, frames_offset, 32);
ABI_OFFSET(ttlog_ring_info, nr_frames, 40);
ABI_OFFSET(ttlog_ring_info, nr_blocks, 48);
ABI_OFFSET(ttlog_ring_info, node, 52);

ABI_SIZE(ttlog_ledger, 96);
ABI_OFFSET(ttlog_ledger, offered, 8);
ABI_OFFSET(ttlog_ledger, written, 16);
ABI_OFFSET(ttlog_ledger, lost, 24);
ABI_OFFSET(ttlog_ledger, demoted, 88);

ABI_SIZE(ttlog_service_name, 40);
ABI_OFFSET(ttlog_service_name, id, 32);

ABI_SIZE(ttlog_levels, 24);
ABI_OFFSET(ttlog_levels, mask, 4);
ABI_OFFSET(ttlog_levels, generation, 8);
ABI_OFFSET(ttlog_levels, trigger, 16);

ABI_SIZE(ttlog_control, 16);
ABI_OFFSET(ttlog_control, level_mask, 4);
ABI_OFFSET(ttlog_control, generation, 8);

ABI_SIZE(ttlog_request, 56);
ABI_OFFSET(ttlog_request, timeout_ms, 40);
ABI_OFFSET(ttlog_request, path_size, 44);
ABI_OFFSET(ttlog_request, path, 48);

ABI_SIZE(ttlog_trigger, 80);
ABI_OFFSET(ttlog_trigger, kind, 8);
ABI_OFFSET(ttlog_trigger, uid, 12);
ABI_OFFSET(ttlog_trigger, pid, 16);
ABI_OFFSET(ttlog_trigger, flags, 20);
ABI_OFFSET(ttlog_trigger, time, 24);
ABI_OFFSET(ttlog_trigger, reason, 32);
ABI_OFFSET(ttlog_trigger, count, 72);

ABI_SIZE(ttlog_done, 24);
ABI_OFFSET(ttlog_done, error, 8);
ABI_OFFSET(ttlog_done, path_size, 12);
ABI_OFFSET(ttlog_done, path, 16);

ABI_SIZE(ttlog_release, 16);
ABI_OFFSET(ttlog_release, channel, 4);
ABI_OFFSET(ttlog_release, position, 8);

ABI_SIZE(ttlog_end, 24);
ABI_OFFSET(ttlog_end, channel, 4);
ABI_OFFSET(ttlog_end, number, 8);
ABI_OFFSET(ttlog_end, open_since, 16);

ABI_SIZE(ttlog_progress, 88);
ABI_OFFSET(ttlog_progress, nr, 4);
ABI_OFFSET(ttlog_progress, ends, 8);
ABI_OFFSET(ttlog_progress, cookie, 16);
ABI_OFFSET(ttlog_progress, prepared, 80);

ABI_SIZE(ttlog_probe, 200);
ABI_OFFSET(ttlog_probe, flags, 4);
ABI_OFFSET(ttlog_probe, symbol, 8);
ABI_OFFSET(ttlog_probe, offset, 136);
ABI_OFFSET(ttlog_probe, nr_args, 144);
ABI_OFFSET(ttlog_probe, level, 148);
ABI_OFFSET(ttlog_probe, sample, 152);
ABI_OFFSET(ttlog_probe, rate, 156);
ABI_OFFSET(ttlog_probe, reason, 160);

ABI_SIZE(ttlog_probe_id, 8);

ABI_SIZE(ttlog_probe_stat, 288);
ABI_OFFSET(ttlog_probe_stat, hits, 200);
ABI_OFFSET(ttlog_probe_stat, recorded, 208);
ABI_OFFSET(ttlog_probe_stat, missed, 216);
ABI_OFFSET(ttlog_probe_stat, lost, 224);

ABI_SIZE(ttlog_boot, 16);

ABI_SIZE(ttlog_previous, 32);
ABI_OFFSET(ttlog_previous, flags, 4);
ABI_OFFSET(ttlog_previous, offset, 8);
ABI_OFFSET(ttlog_previous, size, 16);
ABI_OFFSET(ttlog_previous, frame, 24);

ABI_SIZE(ttlog_filter, 208);
ABI_OFFSET(ttlog_filter, index, 4);
ABI_OFFSET(ttlog_filter, service, 8);
ABI_OFFSET(ttlog_filter, levels, 40);
ABI_OFFSET(ttlog_filter, record, 44);
ABI_OFFSET(ttlog_filter, sample, 48);
ABI_OFFSET(ttlog_filter, rate, 80);
ABI_OFFSET(ttlog_filter, burst, 112);
ABI_OFFSET(ttlog_filter, lost, 144);

ABI_SIZE(ttlog_share, 24);
ABI_OFFSET(ttlog_share, rate, 8);
ABI_OFFSET(ttlog_share, burst, 16);

#undef ABI_SIZE
#undef ABI_OFFSET

#endif
