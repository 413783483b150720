// CommonJS, both ways to hand plugins over; registered in another order than in app.mjs
const { createClient } = require('@trunkline/core');
const { e2ee } = require('@trunkline/encryption');
const { memberships } = require('@trunkline/memberships');
const { messages } = require('@trunkline/messages');
const { people } = require('@trunkline/people');
const { rooms } = require('@trunkline/rooms');
require('@trunkline/rooms/register');
require('@trunkline/messages/register');
require('@trunkline/people/register');
require('@trunkline/memberships/register');
require('@trunkline/encryption/register');
require('@trunkline/webhooks/register');
require('@trunkline/teams/register');
require('@trunkline/support/register');
require('@trunkline/devices/register');
require('@trunkline/attachment-actions/register');
const { run } = require('./environment.cjs');
const { talk } = require('./talk.cjs');

run((cast) => talk(createClient, [rooms(), messages(), memberships(), people(), e2ee()], cast));
