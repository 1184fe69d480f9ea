"""What happened in a run, kept so that it can be judged again."""

from reviewbot.record.run import RunRecord, dump_record, load_record

__all__ = ["RunRecord", "dump_record", "load_record"]
