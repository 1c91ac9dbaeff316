    def get_tenants(self):
        """Retrieves tenants from Xero api.

        This is an example method.
        """
        identity_api = IdentityApi(self.client)
        accounting_api = AccountingApi(self.client)

        available_tenants = []
        for connection in identity_api.get_connections():
            tenant = serialize(connection)
            if connection.tenant_type == "ORGANISATION":
                organisations = accounting_api.get_organisations(
                    xero_tenant_id=connection.tenant_id
                )
                tenant["organisations"] = serialize(organisations)

            available_tenants.append(tenant)

        return available_tenants

    def get_xero_tenant_id(self):
        """Retrieves the tenant ID.

        Retrieves the tenant ID if not already known, otherwise,
        it returns the previously retrieved information.
        """
        if self.tenant_id:
            return self.tenant_id

        token = self.obtain_xero_oauth2_token()
        if not token:
            return None

        identity_api = IdentityApi(self.client)
        for connection in identity_api.get_connections():
            if connection.tenant_type == "ORGANISATION":
                self.tenant_id = connection.tenant_id
                return self.tenant_id

    @xero_token_required
    def get_invoices(self):
        """Retrieves invoices from Xero api.

        This is an example method.
        """
        xero_tenant_id = self.get_xero_tenant_id()
        accounting_api = AccountingApi(self.client)

        invoices = accounting_api.get_invoices(
            xero_tenant_id, statuses=["DRAFT", "SUBMITTED"]
        )

        return invoices

            accounting.transactions

        Args:
            invoice_list: List of invoices to create.

        Returns:
            List of created Invoice objects.
        """
        try:
            self.throttle()
            invoices = self.accounting_api.create_invoices(
                self.tenant_id,
                invoices=Invoices(invoices=invoice_list),
                unitdp=self.unitdp
            )
            return invoices.invoices
        except AccountingBadRequestException as err:
        item_id = kwargs.pop('id', None)
        item_list = kwargs.pop('item_list', None)

        try:
            if item_id:
                self.throttle()
                self.accounting_api.delete_item(
                    self.tenant_id,
                    item_id=item_id
                )
            elif item_list:
                for item in item_list:
                    self.throttle()
                    self.accounting_api.delete_item(
                        self.tenant_id,
                        item_id=item.item_id
                    )
            else:
                item_list_read = self.read_items(**kwargs)
                if not item_list_read:
                    return []

                for item in item_list_read:
                    self.throttle()
                    self.accounting_api.delete_item(
                        self.tenant_id,
                        item_id=item.item_id
                    )

