/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of the ring, for spin: reserve, begin, commit, nest, wrap, hold, read.
 *
 * What stands for what
 * --------------------
 *   writer()  kmod/ring.h: ring_reserve(), ring_reserve_alone(), ring_begin(),
 *             ring_commit(), ring_commit_alone(), ring_leave();
 *             kmod/ring.c: ttlog_ring_reserve_slow(), is_interrupted(), is_held(),
 *             open_block(), write_head(), ttlog_ring_close_block()
 *   marker()  kmod/ring.c: ttlog_ring_hold(), oldest_kept(), behind_opened(), as
 *             ttlog_hold_set() of kmod/hold.c calls it
 *   reader()  user/reader.c: read_head(), find_oldest(), read_blocks(), read_block(),
 *             walk(), pass_over(), in_order(), accept(), account_gap(); where it is
 *             the helper also kmod/ring.c: ttlog_ring_release(), as
 *             ttlog_hold_release() and ttlog_hold_end() of kmod/hold.c call it
 *
 * Each step is one access to memory that others see, under the label that it has
 * there. The writers are on one CPU: a task, an interrupt on top of it, an NMI on
 * top of that, each at any step of whom it interrupts, and as often as EVENTS
 * allows. Level 1 comes only on top of 0, and 2 of 1: an NMI on the task alone does
 * what is called level 1 here, as none of them asks who it is. Reader and marker
 * are on other CPUs. (A marker on this CPU is one beside whom nobody writes.)
 *
 * What is left out
 * ----------------
 * - Weak ordering: here all see a step at once. That is what tools/litmus is for.
 * - Sizes: a slot is 1, a block has SLOTS, and all of it is its tag and two words.
 *   Positions are in blocks: block n is the nth that was opened, from 0.
 * - Numbers that wrap, and so the base that extends them; clocks, the counters in
 *   the heads of blocks.
 * - A secret key: writers here don't forge tags, they leave old ones. For the same
 *   reason nothing is dropped by drop_surplus(), which is a property below.
 * - The reader's range: it reads all that the ring holds (is_before(), note_open()
 *   and cut() have nothing to do).
 * - The time after which a hold ends; here it ends when the helper is done.
 *
 * What is not looked at
 * ---------------------
 * A step of a writer that no other CPU can see, and that sees none, may as well be
 * done at once: whatever reader and marker do meanwhile they could do after it. So
 * they wait where inner says that the writer's next step is such a one. Nested
 * writers don't wait. That halves the states and leaves out no outcome.
 *
 * Sizes and choices
 * -----------------
 * A ring of 3 blocks; LEVELS, EVENTS, SLOTS a block, SPARE blocks. ALONE: a writer
 * may take ring_reserve_alone() first. CLOSE: a block may be closed once. MARKER:
 * there is a trigger, and the reader is the helper: it begins when the ring is held,
 * and releases block by block; with PLAIN it is one that begins at any time.
 * NO_READER: none. DIES: once, at any step, the task dies and all that is on top of
 * it; they leave the ring as it is, to others. A slot without a head of its block is
 * hidden then, so SLOTS is 1 where somebody reads. tools/model/run says which are
 * searched.
 * BREAK_... takes one step of the algorithm out, or moves it: spin has to find
 * which property doesn't hold any more.
 */
#ifndef SLOTS
#define SLOTS	1
#endif
#ifndef SPARE
#define SPARE	0
#endif
#ifndef EVENTS
#define EVENTS	4
#endif
#ifndef LEVELS
#define LEVELS	3
#endif
#define BLOCKS	3
#define NONE	255	/* TTLOG_NO_HOLD */

/*
 * The properties, by the numbers of the design; each stands at the assertions that
 * it names. They are words of no state: a false assertion is told by its text.
 */
hidden byte
	not_for_nesting,	/* 1: an event is lost to a hold, or because a whole ring
				 * was written within one write; to nesting never */
	own_block,		/* 1: who has reserved in a block finds it in its lap */
	own_slot,		/* 1: nobody else writes there until it is committed */
	in_turn,		/* 1: the blocks are opened each once, one after another */
	as_written,		/* 4: what is accepted are the words of that number */
	never_torn,		/* 4: and both are of one event */
	one_moment,		/* 4: head and start that are read belong together */
	head_true,		/* 4: a head that is accepted is that of its block */
	no_surplus,		/* 5: no tag of an earlier lap is taken for one of this */
	small_holes,		/* 6: an event is hidden by itself, or by one before it in
				 * its block that isn't begun, and by nothing else */
	all_counted,		/* 8: offered = written + lost */
	gone_only,		/* 8: what counts as overwritten isn't there any more */
	sums_up,		/* 8: read and overwritten are not more than written */
	complete,		/* 8: at rest they are as many; all of it is read */
	held_stays,		/* 10: a block that is held isn't opened */
	held_is_there,		/* 10: what a marker holds isn't gone already */
	held_enough,		/* 10: and lacks one block at most of what the ring has */
	held_is_read;		/* 10: the helper finds all of it */

#define must(property, condition)	assert((condition) || property)

byte start[BLOCKS];
byte first[BLOCKS];
byte ready[BLOCKS] = { 1, 0, 0 };	/* 1 + start */
byte tag[BLOCKS * SLOTS];
byte word0[BLOCKS * SLOTS];		/* an event: two words, both 1 + its number */
byte word1[BLOCKS * SLOTS];

/* The reservation word. */
byte head_block, head_offset, head_number;

byte outer, depth, intent;
byte hold = NONE;

/* Who runs on the CPU: 0 the task, 1 the interrupt, 2 the NMI. */
byte running;
bool busy[LEVELS];
bool inner[LEVELS];		/* its next step is seen by this CPU alone */
bool closed;

#ifdef DIES
byte outer_task;
bool died, dying;		/* the latter until all that were on the CPU are gone */
#define CURRENT		(1 + died)
#define IS_DYING	dying
#define OWES(x)		owed = x
#else
#define IS_DYING	false
#define OWES(x)		skip
#endif

/* Not in the ring: what is true, for the assertions. */
byte left_at;			/* depth as who died left it, until that is taken over */
byte left_head = NONE;		/* the newest block then, whose head may be missing */
byte offered, lost;
byte newest;			/* the block that was opened last */
byte first_of[EVENTS + 2];	/* number of its first event, by block */
byte before;			/* newest when the outermost writer began */
byte begun, done;		/* events, a bit each */
byte held = NONE;		/* what has been held, and not been released */
bool undisturbed;		/* since the reader began, nobody has written */

#ifdef BREAK_KEY
#define TAG(block, slot)	2
#else
#define TAG(block, slot)	(2 * ((block) * SLOTS + (slot) + 1))
#endif
#define COMMITTED		1

#define HEAD_IS(b, o, n) \
	(head_block == (b) && head_offset == (o) && head_number == (n))

/* Did who is in the ring die? An interrupt can't tell. */
#if !defined(DIES) || defined(BREAK_ABANDONED)
#define IS_ABANDONED	false
#elif defined(BREAK_TAKEOVER)
#define IS_ABANDONED	(outer_task != CURRENT)
#else
#define IS_ABANDONED	(_pid == 0 && outer_task != CURRENT)
#endif

/* behind_opened(), oldest_kept() */
#define BEHIND_OPENED(b)	((b) + 1 > BLOCKS -> (b) + 1 - BLOCKS : 0)
#define KEPT			(BLOCKS - SPARE - 1)
#define OLDEST_KEPT(b)		((b) > KEPT -> (b) - KEPT : 0)

/* Is the block free that one with this start overwrites? */
#define MAY_OVERWRITE(b) \
	(held == NONE || (b) < BLOCKS || (b) - BLOCKS < held)

#ifdef BREAK_HELD
#define IS_BARRED(b)	false
#else
#define IS_BARRED(b)	((b) >= BLOCKS && (b) - BLOCKS >= hold)
#endif

active [LEVELS] proctype writer()
	provided (running == _pid || (running == _pid - 1 && busy[running]))
{
	byte seen;		/* depth; then the tag */
	byte block, slot, number;	/* the head that was read */
	byte next, opens;	/* the block to be opened; then next is the slot's place */
	byte mine;		/* what the block's start has to be */
	bool alone;
#ifdef DIES
	bool owed;		/* its event has no number, and isn't lost */

end_alive: {
#endif
end:	do
	:: atomic {
		offered < EVENTS && !IS_DYING ->
		offered++;
		OWES(true);
		running = _pid;
		busy[_pid] = true;
		before = (_pid == 0 -> newest : before);
		undisturbed = false;
		seen = depth;
		inner[_pid] = true
	   }
#ifdef ALONE
	   if
	   /* ring_reserve_alone() */
	   :: atomic {
		seen == 0 ->
		block = head_block; slot = head_offset; number = head_number
	      }
	      if
	      :: atomic {
			slot < SLOTS ->
#ifdef BREAK_ALONE_OUTER
			skip
#else
			outer = block
#endif
		 }
#ifdef DIES
		 outer_task = CURRENT;
#endif
		 atomic { depth = 1; inner[_pid] = false }
		 if
		 :: atomic {
			HEAD_IS(block, slot, number) ->
			head_offset = slot + 1;
			head_number = number + 1;
			OWES(false);
			mine = newest;
			alone = true;
			inner[_pid] = true
		    }
		    goto begin
		 :: atomic {
			!HEAD_IS(block, slot, number) ->
			depth = 0;
			inner[_pid] = true
		    }
		 fi
	      :: slot >= SLOTS
	      fi;
	      d_step { seen = depth; block = 0; slot = 0; number = 0 }
	   :: true
	   fi;
#endif
	   /* ring_reserve(): seen is the depth */
#ifdef BREAK_OUTER_LATE
	   depth = seen + 1;
#endif
	   if
	   :: atomic { seen == 0 -> block = head_block }
	      d_step { outer = block; block = 0 }
#ifdef DIES
	      outer_task = CURRENT;
#endif
#ifndef BREAK_OUTER_LATE
	      depth = 1;
#endif
	   :: atomic {
		seen != 0 ->
#ifndef BREAK_OUTER_LATE
		depth = seen + 1
#endif
	      }
	   fi;

again:	   atomic {
		seen = 0;
		block = head_block; slot = head_offset; number = head_number;
		inner[_pid] = (slot == SLOTS)
	   }
	   if
	   :: atomic {
#ifdef BREAK_CMPXCHG
		slot < SLOTS ->
		head_block = block;
#else
		slot < SLOTS && HEAD_IS(block, slot, number) ->
#endif
		head_offset = slot + 1;
#ifndef BREAK_NUMBER
		head_number = number + 1;
#endif
		OWES(false);
		mine = newest;
		inner[_pid] = true
	      }
#ifdef BREAK_NUMBER
	      head_number = head_number + 1;
#endif
	      goto begin
#ifndef BREAK_CMPXCHG
	   :: atomic {
		slot < SLOTS && !HEAD_IS(block, slot, number) ->
		inner[_pid] = true
	      }
#ifdef BREAK_RETRY
	      goto lose
#else
	      goto again
#endif
#endif
	   /* ttlog_ring_reserve_slow(): the next block */
	   :: atomic {
		slot == SLOTS ->
		next = (block + 1) % BLOCKS; opens = start[block] + 1; slot = 0
	      }
	   fi;

	   /* is_interrupted() */
#ifndef BREAK_INTERRUPTED
	   if
	   :: atomic { depth == 1 -> inner[_pid] = false }
	   :: atomic { depth != 1 && next != outer -> inner[_pid] = false }
	   :: atomic {
		depth != 1 && next == outer && !IS_ABANDONED ->
		seen = ((left_at && _pid > 0) || newest + 1 >= before + BLOCKS)
	      }
	      goto lose
#ifdef DIES
	   :: atomic { depth != 1 && next == outer && IS_ABANDONED -> seen = head_block }
	      d_step { outer = seen; seen = 0 }
	      outer_task = CURRENT;
	      atomic { depth = 1; left_at = 0; inner[_pid] = false }
#endif
	   fi;
#else
	   inner[_pid] = false;
#endif

	   /* is_held() */
#ifndef BREAK_INTENT
	   intent = opens;					/* open:E */
#endif
	   if							/* open:F */
	   :: atomic {
		IS_BARRED(opens) ->
		seen = (hold != NONE);
		inner[_pid] = true
	      }
	      goto lose
	   :: !IS_BARRED(opens)
	   fi;
#ifdef BREAK_INTENT
	   intent = opens;
#endif

	   /* open_block() */
#ifndef BREAK_ANNOUNCE
	   d_step {						/* open:A */
		must(held_stays, start[next] == opens || MAY_OVERWRITE(opens));
		must(in_turn, start[next] <= opens);
		start[next] = opens
	   }
#endif
	   if							/* open:B */
	   :: atomic {
		HEAD_IS(block, SLOTS, number) ->
		head_block = next; head_offset = 1;
		head_number = number + 1;
		OWES(false);
		newest++;
		must(in_turn, opens == newest);
		first_of[newest] = number;
		block = next; next = 0; mine = newest
	      }
	   :: atomic {
		!HEAD_IS(block, SLOTS, number) ->
		block = 0; number = 0;
		inner[_pid] = true
	      }
#ifdef BREAK_OPENER
	      d_step { first[next] = head_number - 1; ready[next] = opens + 1 }
#endif
	      d_step { next = 0; opens = 0 }
	      goto again
	   fi;
#ifdef BREAK_ANNOUNCE
	   start[block] = opens;
#endif
	   /* write_head() */
#ifdef BREAK_READY
	   ready[block] = opens + 1;
	   atomic { first[block] = number; inner[_pid] = true }
#else
	   first[block] = number;				/* open:C */
	   atomic { ready[block] = opens + 1; inner[_pid] = true }	/* open:D */
#endif

begin:	   /* ring_begin(): its block's start, which is still that of its lap */
	   atomic {
		opens = start[block];
		must(own_block, opens == mine);
		next = block * SLOTS + slot;
		seen = TAG(opens, slot);
		block = 0; slot = 0; opens = 0;
		inner[_pid] = false
	   }
#ifndef BREAK_BEGIN
	   d_step {						/* slot:A */
		tag[next] = seen;
		begun = begun | (1 << number)
	   }
#endif
	   d_step {						/* slot:B */
		must(own_slot, start[next / SLOTS] == mine);
#ifdef BREAK_BEGIN
		begun = begun | (1 << number);
#else
		must(own_slot, tag[next] == seen);
#endif
		word0[next] = number + 1
	   }
#ifdef BREAK_COMMIT
	   tag[next] = seen + COMMITTED;
#endif
	   d_step {
		must(own_slot, start[next / SLOTS] == mine);
		word1[next] = number + 1
	   }
	   atomic {						/* slot:C */
		must(own_slot, start[next / SLOTS] == mine);
#if !defined(BREAK_BEGIN) && !defined(BREAK_COMMIT)
		must(own_slot, tag[next] == seen);
#endif
		must(own_slot, word0[next] == number + 1 && word1[next] == number + 1);
		tag[next] = seen + COMMITTED;
		done = done | (1 << number);
		number = 0; next = 0; mine = 0; seen = 0;
		inner[_pid] = true
	   }
	   goto leave;

lose:	   atomic {
		must(not_for_nesting, seen);
		lost++;
		OWES(false);
		block = 0; slot = 0; number = 0; next = 0; opens = 0
	   }

leave:	   /* ring_leave(), or the end of ring_commit_alone() */
	   atomic { seen = (alone -> 1 : depth); inner[_pid] = (_pid > 0) }
	   atomic {
#ifndef BREAK_LEAVE
		depth = seen - 1;
#endif
		seen = 0; alone = false;
		busy[_pid] = false; inner[_pid] = false;
		if
		:: _pid > 0 -> running = _pid - 1
		:: else ->
			/* At rest. Nobody asks for these before they are set again. */
#if !defined(BREAK_OUTER_LATE) && !defined(BREAK_ALONE_OUTER)
			outer = (left_at -> outer : 0);
#endif
#ifdef DIES
			outer_task = (left_at -> outer_task : 0);
#endif
			before = 0;
			must(all_counted, depth == left_at && offered == head_number + lost);
			must(head_true, start[head_block] == newest &&
			     (newest == left_head ||
			      (first[head_block] == first_of[newest] &&
			       ready[head_block] == newest + 1)))
		fi
	   }
#ifdef CLOSE
	/* ttlog_ring_close_block() */
	:: atomic {
		!closed && !IS_DYING ->
		closed = true;
		running = _pid;
		busy[_pid] = true;
		before = (_pid == 0 -> newest : before);
		inner[_pid] = true
	   }
again_close:
	   atomic {
		block = head_block; slot = head_offset; number = head_number;
		inner[_pid] = false
	   }
	   if
	   :: atomic {
#ifdef BREAK_CLOSE
		head_block = block; head_number = number;
#else
		HEAD_IS(block, slot, number) ->
#endif
		head_offset = SLOTS;
		block = 0; slot = 0; number = 0;
		busy[_pid] = false;
		running = (_pid > 0 -> _pid - 1 : 0)
	      }
#ifndef BREAK_CLOSE
	   :: atomic { !HEAD_IS(block, slot, number) -> inner[_pid] = true }
	      goto again_close
#endif
	   fi
#endif
	od
#ifdef DIES
	} unless {
		atomic {
			dying && running == _pid ->
			lost = lost + owed;
			seen = 0; block = 0; slot = 0; number = 0; next = 0; opens = 0;
			mine = 0; alone = false; owed = false;
			busy[_pid] = false; inner[_pid] = false;
			if
			:: _pid > 0 -> running = _pid - 1
			:: else ->
				dying = false;
				left_at = depth;
				left_head = newest
			fi
		}
	}
	goto end_alive
#endif
}

#ifdef DIES
active proctype death()
{
end:	atomic { busy[0] -> died = true; dying = true }
}
#endif

#ifdef MARKER
/* ttlog_ring_hold() */
active proctype marker() provided (!inner[running])
{
	byte block, from, to;

	block = head_block;
	d_step { from = OLDEST_KEPT(start[block]); block = 0 }
#ifdef BREAK_MARK
	to = BEHIND_OPENED(intent);
	hold = from;
#else
	hold = from;						/* hold:A */
#ifndef BREAK_MARK_INTENT
	to = BEHIND_OPENED(intent);				/* hold:B */
#endif
#endif
#ifndef BREAK_MARK_HEAD
	block = head_block;					/* hold:C */
	d_step {
		block = BEHIND_OPENED(start[block]);
		to = (block > to -> block : to);
		block = 0
	}
#endif
	d_step {
		to = (to > from -> to : from);
		hold = to; held = to;
		must(held_is_there, start[to % BLOCKS] <= to);
		must(held_enough, to <= OLDEST_KEPT(newest) + SPARE + 1);
		from = 0; to = 0
	}
}
#endif

/* The start that the block has which read_blocks() comes to, if it isn't lapped. */
#define WANTED_IS(b)	((b) + BLOCKS == at_start + i)
#define IS_HELD		(helper && at_start + i >= BLOCKS + kept)
#define FITS		(begin >= oldest && begin % BLOCKS == index)

#ifdef BREAK_READY_UNCHECKED
#define IS_READY	true
#else
#define IS_READY	(ready[index] == begin + 1)
#endif
#ifdef BREAK_LAP
#define IS_LAPPED	false
#else
#define IS_LAPPED	(start[index] != begin)
#endif

#define PLACE(s)	(index * SLOTS + (s))
#define IS_BEGUN(s) \
	(tag[PLACE(s)] == TAG(begin, s) || tag[PLACE(s)] == TAG(begin, s) + COMMITTED)

#ifdef BREAK_UNCOMMITTED
#define IS_COMMITTED(s)	true
#else
#define IS_COMMITTED(s)	(tag[PLACE(s)] == TAG(begin, s) + COMMITTED)
#endif

/* A marker that was late holds for a moment what is gone. */
#define OLDEST_THERE \
	(oldest + BLOCKS > newest -> oldest : newest + 1 - BLOCKS)

/* Is the event of this slot of the block among these? */
#define IS_EVENT(events, s) \
	((begin == newest || first_of[begin] + (s) < first_of[begin + 1]) && \
	 (events) & (1 << (first_of[begin] + (s))))

#ifdef BREAK_RELEASE
#define COPIED_UP_TO	(at_start + 1 + i - BLOCKS)
#else
#define COPIED_UP_TO	(at_start + i - BLOCKS)		/* i is the next one already */
#endif

/*
 * What counts as overwritten in front of a block is gone; or it is in the block
 * before, whose head wasn't to be seen yet, and more is gone before that.
 */
#define GONE_BEFORE(b) \
	(block_first == next || (b) == 0 || unseen || (b) - 1 < oldest || \
	 start[(index + BLOCKS - 1) % BLOCKS] != (b) - 1)

/* is_lapped_since() */
#ifdef BREAK_MOMENT
#define IS_ONE_MOMENT	true
#else
#define IS_ONE_MOMENT	(head_block == at && head_number - number_end < BLOCKS)
#endif

inline find_oldest()
{
	must(one_moment, at_start == oldest);
	oldest = OLDEST_KEPT(at_start);
	oldest = (hold < oldest -> hold : oldest);
	lapped = true; i = 1
}

inline pass_over()
{
	must(held_is_read, !IS_HELD || (WANTED_IS(begin) && FITS));
	must(small_holes, !FITS || start[index] != begin || !IS_EVENT(begun, 0));
	unseen = WANTED_IS(begin);
	lapped = lapped || !unseen
}

inline accept()
{
	must(no_surplus, block_first >= next);
	must(head_true, block_first == first_of[begin]);
	must(never_torn, !torn);
	if
	:: lapped ->
		must(gone_only, GONE_BEFORE(begin));
		overwritten = overwritten + block_first - next
	:: else
	fi;
	lapped = false; unseen = false;
	s = 0;
	do
	:: s < nr && block_first + s < number_end ->
		if
		:: committed & (1 << s) ->
			must(as_written, copy[s] == block_first + s + 1);
			read++
		:: else
		fi;
		s++
	:: else -> break
	od;
	next = block_first + s
}

/* What read_block() does with its copy. */
inline judge()
{
	if
	:: IS_LAPPED ->
		must(held_is_read, !IS_HELD);
		lapped = true; unseen = false
	:: !IS_LAPPED && block_first >= number_end ->
		/* in_order(): it was opened after the head was read. */
		lapped = lapped || index != at || begin != at_start
	:: !IS_LAPPED && block_first < number_end ->
		accept()
	fi
}

/* Nothing of a block is left over, as it would make states different. */
inline forget()
{
	block_first = 0; begin = 0; index = 0; nr = 0; committed = 0; torn = false;
	s = 0;
	do
	:: s < SLOTS -> copy[s] = 0; s++
	:: else -> break
	od;
	s = 0;
	i++
}

#ifndef NO_READER
active proctype reader() provided (!inner[running])
{
	byte at, number_end, at_start;		/* read_head() */
	byte oldest;
	byte i, index, begin;			/* the block */
	byte s, nr, committed, block_first;	/* its walk; committed has a bit a slot */
	bool half, torn;
	byte copy[SLOTS];
	byte next, read, overwritten;
	bool lapped, unseen;
	bool helper;
	byte kept;				/* what was held when it began */

	atomic {
#if defined(MARKER) && !defined(PLAIN)
		held != NONE ->
		helper = true;
		kept = held;
#endif
		undisturbed = !busy[0]
	}
	/* read_head(): oldest is what start has to be */
	do
	:: d_step {						/* read:A */
		at = head_block; number_end = head_number;
		oldest = newest
	   }
	   at_start = start[at];
	   if
	   :: d_step { IS_ONE_MOMENT -> find_oldest() }
	      break
	   :: !IS_ONE_MOMENT
	   fi
	od;

	/* read_blocks(), read_block() */
	do
	:: atomic {						/* read:B */
		i <= BLOCKS ->
		index = (at + i) % BLOCKS;
		begin = start[index]
	   }
	   if							/* read:C */
	   :: d_step { !(FITS && IS_READY) -> pass_over(); forget() }
	   :: atomic { FITS && IS_READY -> s = 0 }
	      /* walk() */
	      do						/* read:D */
	      :: d_step {
			s < SLOTS && IS_BEGUN(s) ->
			must(small_holes, tag[PLACE(s)] != TAG(begin, s) ||
			     start[index] != begin || !IS_EVENT(done, s));
			committed = committed | (IS_COMMITTED(s) -> 1 << s : 0);
			nr++;
			s++
		 }
	      :: d_step {
			s < SLOTS && !IS_BEGUN(s) ->
			must(small_holes, start[index] != begin || !IS_EVENT(begun, s));
			s = SLOTS
		 }
	      :: d_step { s >= SLOTS -> block_first = first[index]; s = 0 }	/* read:E */
		 break
	      od;
	      /* copy_then_fence(): only what is looked at afterwards */
	      do						/* read:E */
	      :: d_step {
			s < nr && !half && committed & (1 << s) ->
			copy[s] = word0[PLACE(s)];
			half = true
		 }
	      :: d_step {
			half ->
			torn = torn || word1[PLACE(s)] != copy[s];
			half = false;
			s++
		 }
	      :: d_step { s < nr && !(committed & (1 << s)) -> s++ }
	      :: d_step { s >= nr -> judge(); forget() }	/* read:F */
		 break
	      od
	   fi;
#if defined(MARKER) && !defined(PLAIN)
	   /* ttlog_ring_release(), as hold_choose() has it called */
	   atomic {
		if
		:: i <= BLOCKS && at_start + i > BLOCKS && COPIED_UP_TO > hold ->
			hold = COPIED_UP_TO;
			held = hold
		:: else
		fi
	   }
#endif
	/* account_gap(), cut(); ttlog_hold_end() */
	:: d_step {
		i > BLOCKS ->
		overwritten = overwritten +
			      (lapped && next < number_end -> number_end - next : 0);
		must(sums_up, read + overwritten <= number_end);
		must(complete, !undisturbed || left_head != NONE ||
			       (read + overwritten == number_end &&
						number_end == head_number &&
						overwritten == first_of[OLDEST_THERE]));
		if
		:: helper -> hold = NONE; held = NONE
		:: else
		fi;
		at = 0; number_end = 0; at_start = 0; oldest = 0; i = 0;
		next = 0; read = 0; overwritten = 0; lapped = false; unseen = false;
		helper = false; kept = 0; undisturbed = false
	   }
	   break
	od
}
#endif
