-- A workspace as version 1 of its form left it; never edited, for such files exist.
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE event (
	seq BIGINT NOT NULL, 
	actor_verified INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	actor_kind TEXT NOT NULL, 
	actor_role TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	area_level TEXT NOT NULL, 
	area_id TEXT NOT NULL, 
	subject_kind TEXT NOT NULL, 
	subject_id TEXT NOT NULL, 
	body_sha256 TEXT NOT NULL, 
	previous_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
INSERT INTO "event" VALUES(1,0,'1c847bee50894d158af8d88506a40290','2026-11-25T01:52:08.431108+00:00','Ann Example','person','','note','team','N1','measure','F04','40c8bb6e8b464bae93a1151b72bea5cf1b3ef5a881dc2ec0b868aa8b8990d14f','0000000000000000000000000000000000000000000000000000000000000000','b177e07ccd01beaf1bbc9a24bdefaa174b35810c12c78374032f4655e1b0605f');
INSERT INTO "event" VALUES(2,0,'355a86fd0bc04fcb88662ca6e7b6ab95','2026-11-25T01:52:08.432663+00:00','Ann Example','person','','note','team','N1','measure','F04','d726233526fbbfb60d6ee91605ba53d0cf940da225963f6c187d6b47b5b104c9','b177e07ccd01beaf1bbc9a24bdefaa174b35810c12c78374032f4655e1b0605f','633826dbe516523627ce838a42d939bee5796d5be7148ab84212c5e0986ba4e0');
INSERT INTO "event" VALUES(3,0,'10e6acccf74a438b8b6b1759e6ead362','2026-11-25T01:52:08.435070+00:00','Bob Example','person','analyst','redact','team','N1','event','355a86fd0bc04fcb88662ca6e7b6ab95','ee502e378a903a5bd05fdb567e12752b0475c2fea79cb73f6c1bdff4920a4b40','633826dbe516523627ce838a42d939bee5796d5be7148ab84212c5e0986ba4e0','5e24f455a2a693af3f260fc52cd164ad2de1fb741d6e810056209d1de66c1d82');
CREATE TABLE event_body (
	seq BIGINT NOT NULL, 
	salt TEXT, 
	body TEXT, 
	PRIMARY KEY (seq), 
	FOREIGN KEY(seq) REFERENCES event (seq)
);
INSERT INTO "event_body" VALUES(1,'e916fbb3aba7b77787cb5e04bc4f1729','{"text":"Written long ago."}');
INSERT INTO "event_body" VALUES(2,NULL,NULL);
INSERT INTO "event_body" VALUES(3,'b4edfd8097018e501df69c3053323446','{"why":"A slip."}');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	applied_at TEXT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1,'2026-11-25T01:52:08+00:00');
CREATE TRIGGER event_is_new BEFORE INSERT ON event
        WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq OR id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'an event is never replaced'); END;
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
CREATE TRIGGER body_is_new BEFORE INSERT ON event_body
        WHEN EXISTS (SELECT 1 FROM event_body WHERE seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'a text is never replaced'); END;
CREATE TRIGGER body_is_only_redacted BEFORE UPDATE ON event_body
        WHEN NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.body IS NOT NULL
        OR NOT EXISTS (
    SELECT 1 FROM event AS tombstone JOIN event AS redacted ON tombstone.subject_id = redacted.id
    WHERE redacted.seq = OLD.seq AND tombstone.verb = 'redact' AND tombstone.subject_kind = 'event'
)
        BEGIN SELECT RAISE(ABORT, 'a text is never changed, only redacted by an event'); END;
CREATE TRIGGER body_is_not_removed BEFORE DELETE ON event_body
        BEGIN SELECT RAISE(ABORT, 'a text is never removed, only redacted by an event'); END;
COMMIT;
