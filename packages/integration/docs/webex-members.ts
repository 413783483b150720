// The official members that the page must have, by where they are. Names are facts: 3.12.0, and the API texts.
export const officialMembers: Readonly<Record<string, string>> = {
  Webex: 'init version registerPlugin',
  webex:
    'ready canAuthorize canRefresh isAuthorizing isAuthenticating loaded sessionId config setConfig request refresh logout boundedStorage unboundedStorage upload',
  'webex.authorization':
    'isAuthorizing isAuthenticating initiateLogin initiateImplicitGrant initiateAuthorizationCodeGrant requestAuthorizationCodeGrant requestAccessTokenFromJwt createJwt initQRCodeLogin eventEmitter cancelQRCodePolling logout',
  'webex.credentials':
    'supertoken canAuthorize canRefresh isRefreshing isUnverifiedGuest getOrgId extractOrgIdFromJWT extractOrgIdFromUserToken getUserToken getClientToken downscope refresh invalidate buildLoginUrl buildLogoutUrl',
  'webex.rooms': 'listen stopListening create get list listWithReadStatus getWithReadStatus update remove',
  'webex.messages': 'listen stopListening create get list update remove',
  'webex.memberships': 'listen stopListening create get list listWithReadStatus update updateLastSeen remove',
  'webex.people': 'get list',
  'webex.teams': 'create get list update',
  'webex.teamMemberships': 'create get list update remove',
  'webex.webhooks': 'create get list update remove',
  'webex.attachmentActions': 'listen stopListening create get',
  'webex.presence':
    'get list subscribe unsubscribe setStatus enable disable isEnabled enqueue dequeue initializeWorker emitEvent',
  'webex.internal.presence':
    'get list subscribe unsubscribe setStatus enable disable isEnabled enqueue dequeue initializeWorker emitEvent',
  'webex.devicemanager':
    'getAll refresh search upsert get remove requestPin pair unpair bindSpace unbindSpace getAudioState putAudioState mute unmute increaseVolume decreaseVolume setVolume getPairedDevice getPairedMethod setPairedMethod _updateDeviceMetadata _decryptDeviceName _receiveDeviceUpdates',
  'webex.cypher': 'registered register deregister downloadAndDecryptFile',
  'webex.logger':
    'error warn log info debug trace group groupEnd client_error client_warn client_log client_info client_debug client_trace client_group client_groupEnd logToBuffer client_logToBuffer level getCurrentLevel formatLogs',
  'webex.internal.device':
    'url userId orgId version callingBehavior webSocketUrl features registered register refresh unregister canRegister getWebSocketUrl waitForRegistration deleteDevices meetingStarted meetingEnded setEnergyForecastConfig checkNetworkReachability processRegistrationSuccess setLogoutTimer resetLogoutTimer markUrlFailedAndGetNew',
  'webex.internal.mercury':
    'connected connecting hasEverConnected connect disconnect disconnectAll logout listen getLastError hasConnectedSockets hasConnectingSockets getSocket getSockets',
  'webex.internal.encryption':
    'getKey encryptText decryptText encryptBinaryData decryptBinaryData encryptBinary decryptBinary encryptScr decryptScr download processKmsMessageEvent',
  'webex.internal.encryption.kms':
    'createUnboundKeys fetchKey createResource bindKey addAuthorization removeAuthorization listAuthorizations ping fetchPublicKey uploadCustomerMasterKey listAllCustomerMasterKey changeCustomerMasterKeyState useGlobalMasterKey deleteAllCustomerMasterKeys request prepareRequest asKey decryptKmsMessage processKmsMessageEvent',
  'webex.internal.conversation':
    'create get list listLeft paginate listActivities listMentions listThreads listActivitiesThreadOrdered listParentActivityIds listChildActivitiesByParentId listAllChildActivitiesByParentId getReactionSummaryByParentId bulkActivitiesFetch post share makeShare download acknowledge delete addReaction deleteReaction cardAction updateTypingStatus add leave assignModerator unassignModerator update updateKey assign unassign setSpaceProperty unsetSpaceProperty favorite unfavorite hide unhide lock unlock mute unmute muteMessages unmuteMessages muteMentions unmuteMentions ignore unignore removeAllMuteTags tag untag getConvoUrl getConversationUrl getUrlFromClusterId prepareConversation prepare submit expand createReactionHmac sendReaction processActivityEvent processInmeetingchatEvent',
  'webex.internal.conversation.makeShare()':
    'add remove getFiles object displayName content conversation addGif prepare',
  'webex.internal.feature': 'getFeature setFeature setBundledFeatures updateFeature',
  'webex.internal.user':
    'get asUUID getUUID fetchUUID recordUUID hasPassword update verify activate generateOTP validateOTP setPassword updateName getUserCI register',
  'webex.internal.lyra': 'space device getAdvertisedEndpoint',
  'webex.internal.lyra.space':
    'list get join leave verifyOccupant getCurrentBindings bindConversation unbindConversation deleteBinding',
  'webex.internal.lyra.device':
    'getAudioState putAudioState mute unmute increaseVolume decreaseVolume setVolume',
  'webex.internal.search': 'people search bindSearchKey',
  'webex.internal.support': 'submitLogs getFeedbackUrl getSupportUrl',
  'webex.internal.metrics': 'submit submitClientMetrics aliasUser getClientMetricsPayload',
  'webex.internal.newMetrics': 'submitBehavioralEvent submitOperationalEvent submitBusinessEvent',
  'webex.internal.services':
    'get hasService list waitForCatalog waitForService getServiceFromUrl isServiceUrl getClusterId initServiceCatalogs updateServices _hostCatalog _serviceUrls collectPreauthCatalog fetchClientRegionInfo validateUser',
  'webex.meetings':
    'register unregister create getMeetingByType getAllMeetings getActiveWebrtcMeeting getBasicMeetingInformation syncMeetings getPersonalMeetingRoom fetchUserPreferredWebexSite preferredWebexSite registered meetingCollection mediaHelpers',
  'webex.cc': 'register',
  'webex.calling': 'register',
};
