-- The second wall: what the role cas_desk may see and change, and what cas_own may read. Run again
-- whenever this file changes.
--
-- The login that owns the tables passes by (PostgreSQL exempts owners), so presses, worker and feed
-- pay nothing. A desk's transaction takes the role on and names its Satuan in `cas.wall`, as a path
-- with a slash before it; without that name cas_desk sees nothing.

CREATE OR REPLACE FUNCTION cas_sees(path text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN starts_with('/' || path, nullif(current_setting('cas.wall', true), ''));

-- Who reads as cas_own, with commas between several; nobody, unless the transaction says so.
CREATE OR REPLACE FUNCTION cas_accounts() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('cas.account', true), ''), ',')::uuid[];
CREATE OR REPLACE FUNCTION cas_holders() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('cas.holder', true), ''), ',')::uuid[];

CREATE OR REPLACE FUNCTION wall_ground(point geometry) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT path FROM satuan WHERE id = coalesce(
        (SELECT satuan_id FROM wilayah WHERE ST_Intersects(area, point)
         ORDER BY length(code) DESC, code LIMIT 1),
        (SELECT id FROM (SELECT id, at FROM satuan WHERE at IS NOT NULL AND kind <> 'unit'
                           AND closed_at IS NULL
                         ORDER BY at <-> point LIMIT 8) near
         ORDER BY ST_Distance(at::geography, point::geography) LIMIT 1))
$$;

-- Views read with their owner's eyes: policies ask them, because a policy may not ask its own table.
CREATE OR REPLACE VIEW wall_called AS
SELECT o.alarm_id, o.personil_id, a.satuan_path AS alarm_path, s.path AS personil_path
FROM offer o
JOIN alarm a ON a.id = o.alarm_id
JOIN personil p ON p.id = o.personil_id
JOIN satuan s ON s.id = p.satuan_id;
CREATE OR REPLACE VIEW wall_handed AS
SELECT h.alarm_id, s.path FROM alarm_handover h JOIN satuan s ON s.id = h.from_satuan_id;

DO $$
DECLARE
    walled text[] := ARRAY['alarm', 'alarm_alias', 'alarm_fix', 'offer', 'responder', 'decision',
        'escalation', 'track', 'push_outcome', 'folded_press', 'reveal', 'alarm_picture', 'alarm_sound',
        'journal', 'duty',
        'last_position', 'personil', 'masyarakat', 'account', 'credential', 'device',
        'known_device', 'press_key', 'one_time_code', 'outbox',
        'totp', 'passkey', 'recovery_code', 'ticket', 'site', 'instansi',
        'site_line', 'drill', 'drill_window', 'drill_call', 'site_told', 'shift_note', 'duty_stretch', 'alarm_handover'];
    of_an_alarm text[] := ARRAY['alarm_alias', 'alarm_fix', 'offer', 'responder', 'decision',
        'escalation', 'track', 'push_outcome', 'folded_press', 'reveal', 'alarm_picture', 'alarm_sound',
        'site_told', 'alarm_handover'];
    of_a_site text[] := ARRAY['site_line', 'drill', 'drill_window'];
    of_an_account text[] := ARRAY['credential', 'device', 'known_device', 'press_key'];
    of_nobody text[] := ARRAY['totp', 'passkey', 'recovery_code', 'ticket'];
    here text := quote_ident(current_schema());
    old record;
    name text;
BEGIN
    FOR old IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP POLICY %I ON %I', old.policyname, old.tablename);
    END LOOP;
    -- What earlier versions of this file asked.
    DROP FUNCTION IF EXISTS cas_account(), cas_holder();
    FOREACH name IN ARRAY walled LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        -- Any other login works as before; cas_desk is held by the restrictive policies below.
        EXECUTE format('CREATE POLICY everybody ON %I USING (true)', name);
    END LOOP;

    -- What hangs on an alarm is seen with it, and changed by those whose alarm it is.
    FOREACH name IN ARRAY of_an_alarm LOOP
        EXECUTE format('CREATE POLICY mine ON %1$I AS RESTRICTIVE FOR SELECT TO cas_own
            USING (EXISTS (SELECT FROM alarm a WHERE a.id = %1$I.alarm_id))', name);
        EXECUTE format('CREATE POLICY seen ON %1$I AS RESTRICTIVE FOR SELECT TO cas_desk
            USING (EXISTS (SELECT FROM alarm a WHERE a.id = %1$I.alarm_id))', name);
        EXECUTE format('CREATE POLICY added ON %1$I AS RESTRICTIVE FOR INSERT TO cas_desk
            WITH CHECK (EXISTS (SELECT FROM alarm a
                WHERE a.id = %1$I.alarm_id AND cas_sees(a.satuan_path)))', name);
        EXECUTE format('CREATE POLICY changed ON %1$I AS RESTRICTIVE FOR UPDATE TO cas_desk
            USING (EXISTS (SELECT FROM alarm a
                WHERE a.id = %1$I.alarm_id AND cas_sees(a.satuan_path)))', name);
    END LOOP;
    -- What stands at a site is seen and changed with it.
    FOREACH name IN ARRAY of_a_site LOOP
        EXECUTE format('CREATE POLICY mine ON %1$I AS RESTRICTIVE FOR SELECT TO cas_own
            USING (EXISTS (SELECT FROM site s
                WHERE s.id = %1$I.site_id AND s.instansi_id = ANY (cas_holders())))', name);
        EXECUTE format('CREATE POLICY own ON %1$I AS RESTRICTIVE TO cas_desk
            USING (EXISTS (SELECT FROM site s
                WHERE s.id = %1$I.site_id AND cas_sees(wall_ground(s.at))))', name);
    END LOOP;
    FOREACH name IN ARRAY of_an_account || ARRAY['totp', 'passkey', 'recovery_code'] LOOP
        EXECUTE format('CREATE POLICY mine ON %1$I AS RESTRICTIVE FOR SELECT TO cas_own
            USING (%1$I.account_id = ANY (cas_accounts()))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['ticket', 'outbox', 'one_time_code', 'shift_note'] LOOP
        EXECUTE format('CREATE POLICY mine ON %I AS RESTRICTIVE FOR SELECT TO cas_own
            USING (false)', name);
    END LOOP;
    FOREACH name IN ARRAY of_an_account LOOP
        EXECUTE format('CREATE POLICY own ON %1$I AS RESTRICTIVE TO cas_desk
            USING (EXISTS (SELECT FROM account a
                WHERE a.id = %1$I.account_id AND cas_sees(a.satuan_path)))', name);
    END LOOP;
    -- What proves a person is nobody's to see, not even their admin's.
    FOREACH name IN ARRAY of_nobody LOOP
        EXECUTE format('CREATE POLICY own ON %I AS RESTRICTIVE TO cas_desk USING (false)', name);
    END LOOP;
    -- A desk takes nothing back: rows of evidence end with retention, or with their table's owner.
    FOREACH name IN ARRAY of_an_alarm || ARRAY['alarm', 'journal', 'personil', 'masyarakat', 'shift_note', 'duty_stretch'] LOOP
        EXECUTE format('CREATE POLICY removed ON %I AS RESTRICTIVE FOR DELETE TO cas_desk
            USING (false)', name);
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO cas_desk', here);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO cas_desk', here);
    -- The proof of the journal is nobody's to change at a desk, nor is the schema's number.
    REVOKE INSERT, UPDATE, DELETE ON journal_leaf, tree_node, tree_head, alembic_version FROM cas_desk;
    -- Data keys are opened by the server itself, before and beside any desk's transaction.
    REVOKE ALL ON data_key FROM cas_desk;
    -- Reading is all that cas_own may do.
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO cas_own', here);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %s TO cas_own', here);
    REVOKE ALL ON data_key FROM cas_own;
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT ON TABLES TO cas_own', here);
    -- Tables to come are open to the desk; a test asks of each whether it needs a policy.
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO cas_desk', here);
END $$;

-- An alarm next door is seen when somebody of ours was called to it, or we handed it on.
CREATE POLICY seen ON alarm AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (cas_sees(satuan_path) OR EXISTS (SELECT FROM wall_called c
            WHERE c.alarm_id = alarm.id AND cas_sees(c.personil_path))
        OR EXISTS (SELECT FROM wall_handed h
            WHERE h.alarm_id = alarm.id AND cas_sees(h.path)));
CREATE POLICY added ON alarm AS RESTRICTIVE FOR INSERT TO cas_desk
    WITH CHECK (cas_sees(satuan_path));
CREATE POLICY changed ON alarm AS RESTRICTIVE FOR UPDATE TO cas_desk
    USING (cas_sees(satuan_path));

CREATE POLICY seen ON journal AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (cas_sees(satuan_path)
        OR (alarm_id IS NOT NULL AND EXISTS (SELECT FROM alarm a WHERE a.id = journal.alarm_id)));
CREATE POLICY changed ON journal AS RESTRICTIVE FOR UPDATE TO cas_desk USING (false);

CREATE POLICY own ON duty AS RESTRICTIVE TO cas_desk USING (cas_sees(satuan_path));
CREATE POLICY own ON duty_stretch AS RESTRICTIVE TO cas_desk USING (cas_sees(satuan_path));
CREATE POLICY mine ON duty_stretch AS RESTRICTIVE FOR SELECT TO cas_own
    USING (personil_id = ANY (cas_holders()));
CREATE POLICY own ON shift_note AS RESTRICTIVE TO cas_desk USING (cas_sees(satuan_path));
CREATE POLICY own ON last_position AS RESTRICTIVE TO cas_desk USING (cas_sees(satuan_path));
-- Who was told of a drill is seen with the drill, and by whoever was told.
CREATE POLICY own ON drill_call AS RESTRICTIVE TO cas_desk
    USING (EXISTS (SELECT FROM drill d WHERE d.id = drill_call.drill_id));
CREATE POLICY mine ON drill_call AS RESTRICTIVE FOR SELECT TO cas_own
    USING (personil_id = ANY (cas_holders())
        OR EXISTS (SELECT FROM drill d WHERE d.id = drill_call.drill_id));

-- Officers: our own, whoever was called to an alarm we see, and the Bhabinkamtibmas of our ground.
CREATE POLICY seen ON personil AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (EXISTS (SELECT FROM satuan s WHERE s.id = personil.satuan_id AND cas_sees(s.path))
        OR id IN (SELECT w.bhabinkamtibmas_id FROM wilayah w JOIN satuan s ON s.id = w.satuan_id
            WHERE cas_sees(s.path) AND w.bhabinkamtibmas_id IS NOT NULL)
        OR EXISTS (SELECT FROM wall_called c JOIN alarm a ON a.id = c.alarm_id
            WHERE c.personil_id = personil.id));
CREATE POLICY added ON personil AS RESTRICTIVE FOR INSERT TO cas_desk
    WITH CHECK (EXISTS (SELECT FROM satuan s
        WHERE s.id = personil.satuan_id AND cas_sees(s.path)));
CREATE POLICY changed ON personil AS RESTRICTIVE FOR UPDATE TO cas_desk
    USING (EXISTS (SELECT FROM satuan s WHERE s.id = personil.satuan_id AND cas_sees(s.path)));

-- A reporter is known to the desk of the alarm, and to no other.
CREATE POLICY seen ON account AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (cas_sees(satuan_path)
        OR EXISTS (SELECT FROM alarm a WHERE a.reporter_account_id = account.id));
CREATE POLICY added ON account AS RESTRICTIVE FOR INSERT TO cas_desk
    WITH CHECK (cas_sees(satuan_path));
CREATE POLICY changed ON account AS RESTRICTIVE FOR UPDATE TO cas_desk
    USING (cas_sees(satuan_path));
CREATE POLICY removed ON account AS RESTRICTIVE FOR DELETE TO cas_desk USING (false);
CREATE POLICY seen ON masyarakat AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (EXISTS (SELECT FROM account a JOIN alarm b ON b.reporter_account_id = a.id
        WHERE a.holder_id = masyarakat.id));

-- A site is its ground's: who would answer for a press from it, as registry/queries.py says. An Instansi
-- is seen with any of its sites, and whoever sees an alarm sees the site it came from.
CREATE POLICY seen ON site AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (cas_sees(wall_ground(at)) OR EXISTS (SELECT FROM alarm a WHERE a.site_id = site.id));
CREATE POLICY added ON site AS RESTRICTIVE FOR INSERT TO cas_desk
    WITH CHECK (cas_sees(wall_ground(at)));
CREATE POLICY changed ON site AS RESTRICTIVE FOR UPDATE TO cas_desk
    USING (cas_sees(wall_ground(at)));
CREATE POLICY removed ON site AS RESTRICTIVE FOR DELETE TO cas_desk
    USING (cas_sees(wall_ground(at)));
CREATE POLICY seen ON instansi AS RESTRICTIVE FOR SELECT TO cas_desk
    USING (EXISTS (SELECT FROM site s WHERE s.instansi_id = instansi.id));
CREATE POLICY changed ON instansi AS RESTRICTIVE FOR UPDATE TO cas_desk
    USING (EXISTS (SELECT FROM site s WHERE s.instansi_id = instansi.id));
CREATE POLICY removed ON instansi AS RESTRICTIVE FOR DELETE TO cas_desk USING (false);

-- Promises may be made at the desk, and are kept elsewhere.
CREATE POLICY seen ON outbox AS RESTRICTIVE FOR SELECT TO cas_desk USING (false);
CREATE POLICY seen ON one_time_code AS RESTRICTIVE FOR SELECT TO cas_desk USING (false);

-- One's own, as cas_own: the alarms one raised or was called to, and who is on them with one.
CREATE POLICY mine ON alarm AS RESTRICTIVE FOR SELECT TO cas_own
    USING (reporter_account_id = ANY (cas_accounts()) OR EXISTS (SELECT FROM wall_called c
        WHERE c.alarm_id = alarm.id AND c.personil_id = ANY (cas_holders())));
CREATE POLICY mine ON journal AS RESTRICTIVE FOR SELECT TO cas_own
    USING (actor_id = ANY (cas_accounts())
        OR (alarm_id IS NOT NULL AND EXISTS (SELECT FROM alarm a WHERE a.id = journal.alarm_id)));
CREATE POLICY mine ON personil AS RESTRICTIVE FOR SELECT TO cas_own
    USING (id = ANY (cas_holders()) OR EXISTS (SELECT FROM wall_called c JOIN alarm a ON a.id = c.alarm_id
        WHERE c.personil_id = personil.id));
CREATE POLICY mine ON duty AS RESTRICTIVE FOR SELECT TO cas_own
    USING (personil_id = ANY (cas_holders()) OR EXISTS (SELECT FROM wall_called c
        JOIN alarm a ON a.id = c.alarm_id WHERE c.personil_id = duty.personil_id));
CREATE POLICY mine ON last_position AS RESTRICTIVE FOR SELECT TO cas_own
    USING (personil_id = ANY (cas_holders()) OR EXISTS (SELECT FROM wall_called c
        JOIN alarm a ON a.id = c.alarm_id WHERE c.personil_id = last_position.personil_id));
CREATE POLICY mine ON account AS RESTRICTIVE FOR SELECT TO cas_own
    USING (id = ANY (cas_accounts()) OR (role = 'instansi' AND holder_id = ANY (cas_holders()))
        OR EXISTS (SELECT FROM alarm a WHERE a.reporter_account_id = account.id));
CREATE POLICY mine ON masyarakat AS RESTRICTIVE FOR SELECT TO cas_own USING (id = ANY (cas_holders()));
CREATE POLICY mine ON site AS RESTRICTIVE FOR SELECT TO cas_own
    USING (instansi_id = ANY (cas_holders())
        OR EXISTS (SELECT FROM alarm a WHERE a.site_id = site.id));
CREATE POLICY mine ON instansi AS RESTRICTIVE FOR SELECT TO cas_own
    USING (id = ANY (cas_holders()) OR EXISTS (SELECT FROM site s WHERE s.instansi_id = instansi.id));
